import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueKeys } from '../../src/store/keys.ts'
import { until } from '../support/until.ts'
import { pastWorld } from './schedule-world.ts'
import { IMPORTS, jsonOf, type Ran, userProject } from './support.ts'

type Audited = {
  readonly proved: boolean
  readonly provedSince: string | null
  readonly expected: number
  readonly recorded: number
  readonly unknown: readonly string[]
  readonly schedules: readonly {
    readonly name: string
    readonly proved: boolean
    readonly differences: readonly {
      readonly kind: string
      readonly first: string
      readonly last: string
      readonly count: number
    }[]
    readonly otherTzData: readonly string[]
  }[]
}

const auditOf = (ran: Ran): Audited => jsonOf(ran) as Audited

test('an audit proves that each tick is accounted for, and says so in one line', async (context) => {
  const { schedule, ticks } = await pastWorld(context)
  const ran = await schedule('audit')
  assert.equal(ran.code, 0, ran.said)
  assert.match(
    ran.out,
    /^1 schedule since \S+ UTC: 5 ticks expected, 5 recorded; proved: every tick is accounted for$/m,
  )
  const later = auditOf(await schedule('audit', 'hourly', '--since', ticks[3] ?? '', '--json'))
  assert.deepEqual([later.proved, later.expected, later.recorded], [true, 2, 2])
})

test('a ledger entry that was removed by hand is found, and its tick is named', async (context) => {
  const { schedule, ticks, world } = await pastWorld(context)
  const home = await world.store.schedules.home('hourly')
  assert.ok(home)
  const ledger = queueKeys(world.store.prefix, 'notes').ledgers + home.id
  await world.store.connection.command('LSET', ledger, '3', 'gone')
  await world.store.connection.command('LREM', ledger, '1', 'gone')

  const ran = await schedule('audit')
  assert.equal(ran.code, 4)
  const at = (ticks[2] ?? '').replace('.000Z', '\\+00:00 UTC')
  assert.match(ran.out, new RegExp(`^hourly +missing +${at} +${at} +1 +1 tick was planned and never decided on$`, 'm'))
  assert.match(ran.out, /not proved: 1 schedule with differences$/)

  const audited = await schedule('audit', 'hourly', '--json')
  assert.equal(audited.code, 4)
  const [hourly] = auditOf(audited).schedules
  const missing = hourly?.differences.find(({ kind }) => kind === 'missing')
  assert.deepEqual([missing?.first, missing?.last, missing?.count], [ticks[2], ticks[2], 1])
  const since = await schedule('audit', '--since', ticks[4] ?? '', '--json')
  const { expected, recorded } = auditOf(since)
  assert.deepEqual([since.code, expected, recorded], [0, 1, 1], 'the tick lies before what is asked')
})

test('where entries were dropped it is proved since then only, and the exit code says so', async (context) => {
  const { schedule, ticks, world } = await pastWorld(context)
  const home = await world.store.schedules.home('hourly')
  assert.ok(home)
  await world.store.schedules.fold(home, { keep: 2, oldest: 0, tail: 100 })
  const ran = await schedule('audit', '--json')
  const audited = auditOf(ran)
  assert.deepEqual([ran.code, audited.proved, audited.schedules[0]?.differences], [4, false, []])
  assert.ok((audited.provedSince ?? '') > (ticks[2] ?? ''), audited.provedSince ?? '')
  const { out } = await schedule('audit')
  assert.match(out, /^hourly: proved since \S+ UTC; what was recorded before has been dropped$/m)
  assert.match(out, /; proved since \S+ UTC only$/m)
  assert.equal((await schedule('audit', '--since', ticks[4] ?? '')).code, 0, 'nothing that is asked was dropped')
})

test('other versions of time-zone data are named', async (context) => {
  const { schedule } = await pastWorld(context)
  const { out } = await schedule('audit')
  assert.match(out, /^ticks of hourly were decided on with time-zone data 2026a, this is \S+$/m)
  const audited = auditOf(await schedule('audit', '--json'))
  assert.deepEqual(audited.schedules[0]?.otherTzData, ['2026a'])
})

test('an audit is never silent: nothing to prove, and names that are none', async (context) => {
  const project = await userProject(context)
  const empty = await project.run('schedule', 'audit')
  assert.deepEqual([empty.code, empty.out], [0, 'no schedule is or was in force: there is nothing to prove'])
  const { schedule } = await pastWorld(context)
  const misspelt = await schedule('audit', 'horly', 'hourly')
  assert.deepEqual([misspelt.code, /did you mean hourly\?/.test(misspelt.said)], [3, true])
  assert.match(misspelt.out, /5 ticks expected, 5 recorded/)
  assert.deepEqual(auditOf(await schedule('audit', 'horly', '--json')).unknown, ['horly'])
  for (const since of ['soon', '3 moons', '2026-13-01T00:00Z', '2999-01-01T00:00Z'])
    assert.equal((await schedule('audit', '--since', since)).code, 2, since)
})

test('what a scheduler fired while it ran is proved afterwards', async (context) => {
  const project = await userProject(context, {
    'schedules/a.yml': 'schedules:\n  quick: { every: 1s, job: note }\n',
    'morrow.config.mjs': `${IMPORTS}export const config = defineConfig({ jobs: [defineJob({ name: 'note' })] })`,
  })
  const scheduler = project.start(['scheduler'])
  const audit = async () => auditOf(await project.run('schedule', 'audit', '--json'))
  await until('three ticks recorded', async () => (await audit()).recorded >= 3)
  assert.equal((await project.run('schedule', 'audit', 'quick')).code, 0)
  scheduler.signal('SIGTERM')
  await scheduler.exit
  const audited = await audit()
  assert.ok(audited.proved && audited.expected >= 3, JSON.stringify(audited))
  assert.equal(audited.expected, audited.recorded)
  assert.deepEqual(
    audited.schedules.map(({ name }) => name),
    ['quick'],
    "Morrow's own schedules are audited by name only",
  )
})
