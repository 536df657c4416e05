import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Claimed, sealsOf } from '../../src/store/stands.ts'
import { HOME, NIGHTLY, openNightly } from './nightly.ts'
import { START } from './test-queue.ts'

const idOf = (n: number): string => `s${String(n).padStart(15, '0')}`

type Change = Partial<Pick<Claimed, 'id' | 'queue'>> & { readonly says?: Partial<Claimed['stands']> | null }

const isSealed = async (
  { schedules }: Awaited<ReturnType<typeof openNightly>>,
  { says = {}, ...home }: Change = {},
  tz = '2026a',
): Promise<boolean> => {
  const stands = says === null ? null : { name: 'nightly', version: 'v1', reign: 1, tz, ...says }
  const [seal, ...others] = sealsOf([{ ...HOME, ...home, stands }], tz)
  assert.ok(seal !== undefined && others.length === 0)
  return schedules.isWhole(seal, tz)
}

test('many schedules are read at once, in their order, from every queue, however large they are', async () => {
  const { schedules } = await openNightly()
  const large = JSON.stringify('x'.repeat(100_000))
  const homes = Array.from({ length: 300 }, (_, n) => ({ id: idOf(n), queue: n % 3 === 0 ? 'post' : 'mail' }))
  const names = new Map(homes.map((home, n) => [`nightly-${n}`, home]))
  for (const [n, home] of homes.entries()) {
    const definition = n % 50 === 0 ? large : '{}'
    await schedules.apply(home, { ...NIGHTLY, name: `nightly-${n}`, definition })
  }
  for (const [name, home] of names) await schedules.rehome(name, null, home)
  const read = await schedules.readAll([...homes, { id: 'nobody', queue: 'mail' }])
  assert.deepEqual(
    read.map((found) => found && [found.id, found.queue, found.name, found.definition.length, found.dueAt]),
    [
      ...homes.map(({ id, queue }, n) => [id, queue, `nightly-${n}`, n % 50 === 0 ? large.length : 2, START + 1_000]),
      undefined,
    ],
  )
  assert.deepEqual(await schedules.read(homes[50] ?? HOME), read[50])
  assert.equal((await schedules.list()).length, 301)
  assert.equal(await schedules.any(), true)
  assert.deepEqual(await schedules.homesOf(['nightly-7', 'nobody']), [homes[7], undefined])
  assert.equal(await schedules.named(), 301)
})

test('names are settled together, and one that has a home keeps it', async () => {
  const { schedules } = await openNightly()
  const fresh = { id: idOf(1), queue: 'post' }
  const settled = await schedules.settleAll(
    new Map([
      ['nightly', fresh],
      ['fresh', fresh],
    ]),
  )
  assert.deepEqual(
    [...settled],
    [
      ['nightly', false],
      ['fresh', true],
    ],
  )
  assert.deepEqual(await schedules.homesOf(['nightly', 'fresh']), [HOME, fresh])
  assert.deepEqual(await schedules.settleAll(new Map()), new Map())
})

test('a seal is whole as long as what it claims is in force', async () => {
  const nightly = await openNightly()
  assert.equal(await isSealed(nightly), true)
  assert.equal(await isSealed(nightly, {}, '2025c'), true, 'newer time-zone data is as good')
  assert.equal(await isSealed(nightly, {}, '2026b'), false)
  assert.equal(await isSealed(nightly, { says: { tz: '2026a' } }, '2026b'), true, 'as it was when it was sealed')
  const said = [{ version: 'v2' }, { reign: 2 }, { name: 'other' }, null]
  for (const change of [...said.map((says) => ({ says })), { id: idOf(1) }, { queue: 'post' }])
    assert.equal(await isSealed(nightly, change), false, JSON.stringify(change))
  const { schedules } = nightly
  await schedules.amend(HOME, '1', { skips: [START + 1_000] })
  assert.equal(await isSealed(nightly), true, 'what people say of it does not count')
  const retiring = { reign: 1, since: START, context: NIGHTLY.context, by: 'scheduler-1', from: START + 1_000 }
  await schedules.retire(HOME, { ...retiring, rev: '2', heir: '', owed: null })
  assert.equal(await isSealed(nightly), false)
  assert.equal(await isSealed(nightly, { says: null }), true)
  assert.equal(await schedules.any(), false)
})

test('a schedule that was made at run time breaks the seal of one from files', async () => {
  const nightly = await openNightly()
  await nightly.schedules.apply(HOME, { ...NIGHTLY, rev: '1', from: START + 1_000, origin: 'api' })
  assert.equal(await isSealed(nightly), false)
  assert.equal(await isSealed(nightly, { says: null }), true)
})
