import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR } from '../../src/time/duration.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { openWorld } from '../flow/world.ts'
import { pastWorld } from './schedule-world.ts'
import { IMPORTS, jsonOf, type Ran, type UserProject, userProject } from './support.ts'

const fields = (ran: Ran): Readonly<Record<string, unknown>> => jsonOf(ran) as Readonly<Record<string, unknown>>
const iso = (text: string | undefined, plus = 0): string => new Date(Date.parse(text ?? '') + plus).toISOString()

const CONFIG = `${IMPORTS}
import { z } from '${import.meta.resolve('zod')}'
export const config = defineConfig({ jobs: [defineJob({ name: 'digest', queue: 'mail', payload: z.object({ audience: z.string() }) })] })
`
const DAILY = `schedules:
  daily:
    cron: '30 2 * * *'
    tz: Europe/Berlin
    job: digest
    payload: { audience: all }
`

/** A project whose schedule stands in the zone of Berlin. */
async function dailyProject(...given: Parameters<typeof userProject>): Promise<UserProject> {
  const [context] = given
  const project = await userProject(context, { 'schedules/mail.yml': DAILY, 'morrow.config.mjs': CONFIG })
  assert.equal((await project.run('schedule', 'apply')).code, 0)
  return project
}

test('a pause says until when, why and what becomes of the next tick; another takes its place', async (context) => {
  const { schedule, next } = await pastWorld(context)
  const ran = await schedule('pause', 'hourly', '--reason', 'invoices are wrong', '--by', 'ada', '--until', '45m')
  assert.equal(ran.code, 0, ran.said)
  assert.match(ran.out, /^hourly is paused until \S+ UTC \(in 45 min\) by ada: invoices are wrong$/m)
  assert.match(ran.out, new RegExp(`^its next tick, ${next.slice(0, 19)}\\+00:00 UTC, will not run$`, 'm'))
  const again = fields(await schedule('pause', 'hourly', '--reason', 'still wrong', '--json'))
  const pause = again['pause'] as Readonly<Record<string, unknown>>
  assert.deepEqual([again['outcome'], pause['until'], pause['reason']], ['paused', null, 'still wrong'])
  assert.match(String(pause['by']), /^.+@.+$/, 'the user of this system at its host')
  assert.equal((again['replaced'] as readonly { readonly by: string }[])[0]?.by, 'ada')
  const soon = await schedule('pause', 'hourly', '--reason', 'short', '--until', '1m')
  assert.match(soon.out, /, comes after that$/m)
  for (const words of [
    [],
    ['--reason', ' '],
    ['--reason', 'fine\nDecided: fired'],
    ['--reason', 'x', '--until', '3 moons'],
    ['--reason', 'x', '--by', ''],
  ]) {
    assert.equal((await schedule('pause', 'hourly', ...words)).code, 2, words.join(' '))
  }
  const past = await schedule('pause', 'hourly', '--reason', 'x', '--until', '2020-01-01 09:00')
  assert.deepEqual([past.code, /expected an instant after now/.test(past.said)], [2, true])
})

test('a resume says what stays undone, or makes it as one job or one for each tick', async (context) => {
  const pausedAfterTwo = await pastWorld(context, async (ticked, _, { client }) => {
    if (ticked === 2) await client.schedules.pause('hourly', { reason: 'sums are wrong', by: 'ada' })
  })
  const { schedule, ticks } = pausedAfterTwo
  const ran = await schedule('resume', 'hourly')
  assert.match(ran.out, /^hourly is resumed; it was paused since \S+ UTC by ada: sums are wrong$/m)
  const line = /morrow (schedule backfill hourly --from (\S+) --to \S+)$/m.exec(ran.out)
  assert.equal(line?.[2], ticks[1], 'that one was due when the pause began, and has run')
  const notPaused = await schedule('resume', 'hourly', '--json')
  assert.deepEqual([notPaused.code, fields(notPaused)['outcome']], [4, 'not-paused'])
  const filled = await schedule(...(line?.[1] ?? '').split(' ').slice(1), '--json')
  assert.deepEqual(
    (fields(filled)['ticks'] as readonly { readonly at: string }[]).map(({ at }) => at),
    ticks.slice(2),
  )
})

test('what was paused is made at the rate that is asked for', async (context) => {
  const { schedule, ticks } = await pastWorld(context, async (ticked, _, { client }) => {
    if (ticked === 1) await client.schedules.pause('hourly', { reason: '-' })
  })
  assert.equal((await schedule('resume', 'hourly', '--rate', '3')).code, 2)
  assert.equal((await schedule('resume', 'hourly', '--missed', 'all', '--rate', '0')).code, 2)
  const all = fields(await schedule('resume', 'hourly', '--missed', 'all', '--rate', '0.5', '--json'))
  assert.deepEqual([all['outcome'], all['made'], all['ticks'], all['more']], ['resumed', 4, ticks.slice(1), false])
})

test('a run by hand lays its payload over that of the schedule, and is checked by the schema of the job', async (context) => {
  const project = await dailyProject(context)
  const run = (...words: readonly string[]) => project.run('schedule', 'run', 'daily', ...words)
  const plain = await run('--by', 'ada')
  assert.match(
    plain.out,
    /^[\w:]+ {2}made from daily in queue mail; its next tick stays at \S+T0[23]:[03]0:00\+0[12]:00 Europe\/Berlin$/,
  )
  const made = fields(await run('--payload', '{"audience":"trial"}', '--json'))
  const shown = await project.run('job', 'show', String(made['id']), '--json')
  assert.deepEqual([made['outcome'], fields(shown)['payload']], ['made', { audience: 'trial' }])
  for (const payload of ['{"audience":7}', '[1]', '{', '{"__proto__":{}}']) {
    const refused = await run('--payload', payload)
    assert.deepEqual([refused.code, refused.out], [2, ''], `${payload} ${refused.said}`)
  }
  const history = await project.run('schedule', 'history', 'daily')
  assert.match(history.out, /by hand .* ada$/m)
})

test('ticks are called off by number or by instant, with what there is to say of changed clocks', async (context) => {
  const project = await dailyProject(context)
  const skip = (...words: readonly string[]) => project.run('schedule', 'skip', 'daily', ...words)
  const next = await skip('--count', '2')
  assert.equal((next.out.match(/^called off: \S+T0[23]:[03]0:00\+0[12]:00 Europe\/Berlin \(in /gm) ?? []).length, 2)
  const shifted = await skip('--at', '2099-03-29 02:30')
  const note = /02:30 does not exist on 2099-03-29 in Europe\/Berlin/
  assert.match(shifted.out, /^called off: 2099-03-29T03:00:00\+02:00 Europe\/Berlin \(in /)
  assert.deepEqual([shifted.code, note.test(shifted.out), note.test(shifted.said)], [0, true, true])
  const other = await skip('--at', '2099-06-01 00:30', '--tz', 'UTC', '--by', 'ada', '--reason', 'holidays', '--json')
  assert.deepEqual([fields(other)['by'], fields(other)['reason']], ['ada', 'holidays'])
  const why = await project.run('schedule', 'why', 'daily', '--at', '2099-06-01 02:30')
  assert.match(why.out, /^ada has called it off at \S+: holidays\.$/m)
  assert.deepEqual(fields(other)['ticks'], [{ at: '2099-06-01T00:30:00.000Z', local: '2099-06-01T00:30:00+00:00' }])
  const none = await skip('--at', '2099-06-01T09:00:00Z')
  assert.equal(none.code, 2)
  assert.match(none.said, /no tick to come is planned at .*; the one before at .*, the one after at /)
  for (const words of [
    ['--count', '0'],
    ['--count', '1', '--at', '2099-06-01 02:30'],
    ['--at', 'noon'],
    ['--reason', ' '],
    ['--by', ''],
  ])
    assert.equal((await skip(...words)).code, 2, words.join(' '))
})

test('a tick that was decided on is not called off', async (context) => {
  const { schedule, ticks } = await pastWorld(context)
  const ran = await schedule('skip', 'hourly', '--at', ticks[1] ?? '')
  assert.equal(ran.code, 4)
  assert.match(ran.said, new RegExp(`morrow schedule why hourly --at ${ticks[1]}$`))
})

test('a backfill says first what it would make, makes it once, and refuses what is to come or not known', async (context) => {
  const { schedule, ticks } = await pastWorld(context, async (ticked, _, { client }) => {
    if (ticked === 1) await client.schedules.pause('hourly', { reason: '-' })
    if (ticked === 3) await client.schedules.resume('hourly')
  })
  const range = ['--from', ticks[0] ?? '', '--to', ticks[4] ?? '']
  const dry = await schedule('backfill', 'hourly', ...range, '--dry-run', '--rate', '2')
  assert.match(
    dry.out,
    /^hourly: would make 2 jobs for ticks from \S+ UTC to \S+ UTC, the last 500 ms after the first$/m,
  )
  assert.equal(dry.out.split('\n').length, 3)
  const made = fields(await schedule('backfill', 'hourly', ...range, '--json'))
  assert.deepEqual(
    [made['outcome'], (made['ticks'] as readonly { readonly at: string }[]).map(({ at }) => at)],
    ['filled', ticks.slice(1, 3)],
  )
  const again = await schedule('backfill', 'hourly', '--from', ticks[0] ?? '')
  assert.match(again.out, /^hourly: no tick from \S+ UTC to \S+ UTC is left to be made$/)
  const ahead = await schedule('backfill', 'hourly', '--from', ticks[0] ?? '', '--to', '2099-01-01T00:00Z')
  assert.deepEqual([ahead.code, /what is to come ticks by itself/.test(ahead.said)], [2, true])
  const before = ['backfill', 'hourly', '--from', iso(ticks[0], -4 * HOUR), '--to', ticks[0] ?? '']
  const unknown = await schedule(...before, '--json')
  assert.deepEqual([unknown.code, fields(unknown)['why']], [4, 'before-ledger'])
  const forced = fields(await schedule(...before, '--force', '--dry-run', '--json'))
  assert.equal((forced['ticks'] as readonly unknown[]).length, 4)
  assert.equal((await schedule('backfill', 'hourly', '--from', ticks[2] ?? '', '--to', ticks[1] ?? '')).code, 2)
})

test('history comes by pages, in both orders, with the words of the client', async (context) => {
  const { schedule, ticks, world } = await pastWorld(context)
  const page = async (...words: readonly string[]) =>
    (jsonOf(await schedule('history', 'hourly', '--json', ...words)) ?? {}) as {
      readonly entries: readonly { readonly fate: string; readonly first: string }[]
      readonly next: string | null
    }
  const first = await page('--count', '2')
  const second = await page('--count', '4', '--after', first.next ?? '')
  const all = [...first.entries, ...second.entries]
  assert.deepEqual(
    all.map((entry) => entry.first),
    [...[...ticks].reverse(), iso(ticks[0], -HOUR)],
  )
  assert.equal(second.next, null)
  const { entries } = await world.client.schedules.history('hourly')
  assert.deepEqual(
    all.map(({ fate }) => fate),
    entries.map(({ fate }) => fate),
  )
  const forwards = await page('--oldest-first', '--count', '3')
  assert.deepEqual(
    forwards.entries.map((entry) => entry.fate),
    ['applied', 'fired', 'fired'],
  )
  const { said, out } = await schedule('history', 'hourly', '--count', '1')
  assert.match(said, /^more: morrow schedule history hourly --after \S+$/)
  assert.match(out, /^PLANNED \(UTC\) .*\n\S+ +1 +fired +\S+ ready +\S+$/)
  for (const words of [
    ['--after', 'yesterday'],
    ['--count', '0'],
    ['--newest-first', '--oldest-first'],
  ])
    assert.equal((await schedule('history', 'hourly', ...words)).code, 2, words.join(' '))
})

test('why tells the chain of causes of a tick that ran, of one that did not, and of none', async (context) => {
  const { schedule, ticks, next } = await pastWorld(context, async (ticked, _, { client }) => {
    if (ticked === 3) await client.schedules.pause('hourly', { reason: 'sums are wrong', by: 'ada' })
  })
  const ran = await schedule('why', 'hourly', '--at', ticks[1] ?? '')
  assert.equal(ran.code, 0)
  assert.match(ran.out, /^By schedules\/a\.yml:2: .* generation 1, in force since .*\.$/m)
  assert.match(ran.out, /^Decided on .*: fired\.\nIts job \S+ is ready\.$/m)
  const paused = await schedule('why', 'hourly', '--at', ticks[3] ?? '')
  assert.match(paused.out, /^It was paused since .* by ada, until it is resumed: sums are wrong\.$/m)
  const told = fields(await schedule('why', 'hourly', '--at', iso(next, 1_000), '--json'))
  assert.deepEqual([told['verdict'], told['before'], told['after']], ['not-planned', next, iso(next, HOUR)])
  assert.equal((await schedule('why', 'hourly', '--at', '9 o clock')).code, 2)
  assert.equal((await schedule('why', 'hourly')).code, 2)
})

test('a reading without an offset is one of the zone of the schedule, and a changed clock is spoken of', async (context) => {
  const project = await dailyProject(context)
  const why = await project.run('schedule', 'why', 'daily', '--at', '2099-10-25 02:30')
  assert.match(why.out, /^daily has a tick planned at 2099-10-25T02:30:00\+02:00 Europe\/Berlin, which is to come\.$/m)
  assert.match(why.said, /^02:30 happens twice on 2099-10-25 in Europe\/Berlin: this is the first, at \+02:00$/)
})

test('a run that is held behind an earlier one is shown with its reason, and is a job that waits', async (context) => {
  const world = await openWorld(new Date(systemClock.now() - 3 * HOUR).toISOString())
  await world.client.schedules.upsert('often', { job: 'note', queue: 'notes', every: '1h', overlap: 'queue-one' })
  for (const _ of [1, 2]) {
    await world.pass(HOUR)
    await world.scheduler().tick()
  }
  const project = await userProject(context)
  const run = (...words: readonly string[]) => project.run(...words, '--prefix', world.store.prefix)
  const said = /^notes: a run of schedule often, due \d.* ago, is held behind an earlier one$/m
  assert.match((await run('queue', 'ls')).out, said)
  assert.match((await run('status')).out, said)
  const [row] = jsonOf(await run('queue', 'ls', '--json')) as readonly Readonly<Record<string, unknown>>[]
  const [first, second] = (await world.client.schedules.history('often')).entries
  assert.deepEqual(row?.['heldRuns'], [
    { schedule: 'often', job: first?.jobs[0]?.id, since: first?.first.toISOString() },
  ])
  const ready = second?.jobs[0]?.id ?? ''
  assert.equal(await world.client.cancel(ready), 'cancelled')
  assert.equal((await run('queue', 'check', '--max-age', '5m', 'notes')).code, 4)
})

test('a schedule that is unknown ends every command with 3 and the one that may be meant', async (context) => {
  const project = await dailyProject(context)
  const commands = [
    ['pause', '--reason', 'x'],
    ['resume'],
    ['run'],
    ['skip'],
    ['backfill', '--from', '2026-01-01T00:00Z'],
    ['history'],
    ['why', '--at', '2026-01-01T00:00Z'],
  ]
  for (const [verb = '', ...words] of commands) {
    const ran = await project.run('schedule', verb, 'dialy', ...words)
    assert.deepEqual([ran.code, ran.out, ran.said], [3, '', 'there is no schedule "dialy"; did you mean daily?'], verb)
    const json = await project.run('schedule', verb, 'dialy', ...words, '--json')
    assert.deepEqual([json.code, jsonOf(json)], [3, { name: 'dialy', outcome: 'unknown' }])
  }
  project.write('schedules/mail.yml', 'schedules: {}\n')
  await project.run('schedule', 'apply', '--prune')
  const gone = await project.run('schedule', 'run', 'daily')
  assert.match(gone.said, /^daily is not in force any more; morrow schedule history daily tells/)
  assert.match((await project.run('schedule', 'history', 'daily')).out, / withdrawn /)
  assert.equal(
    (await project.run('schedule', 'history', 'daily', '--after', '0.0.0')).out,
    'nothing more is recorded of daily',
  )
  project.write('schedules/mail.yml', DAILY.replace('daily:', 'each-day:').replace('job:', 'was: daily\n    job:'))
  await project.run('schedule', 'apply')
  const renamed = await project.run('schedule', 'history', 'daily')
  assert.deepEqual([renamed.code, renamed.said], [3, 'there is no schedule "daily"; it is called each-day now'])
})
