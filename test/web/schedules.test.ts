import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstSchedules, zoneDataOf, zoneMismatch } from '../../src/store/first-schedules.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { readOverview } from '../../src/web/overview.ts'
import { overviewPage } from '../../src/web/page.ts'
import { openFolder, schedulesOf } from '../flow/folder.ts'
import { openWorld } from '../flow/world.ts'

/** The text of a page as a person reads it, one blank between words. */
const readable = (page: string): string => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('each schedule says its state, its next tick and what became of its newest ones', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write(
    'a.yml',
    schedulesOf({
      budget: "cron: '0 * * * *', lateness: { p99: 2s }",
      ended: "cron: '0 * * * *', ends: '2026-01-01T01:30:00Z'",
      later: "cron: '0 * * * *', starts: '2026-02-01T00:00:00Z'",
      limited: "cron: '0 * * * *', limit: 1",
      manual: 'manual: true',
      paused: "cron: '0 9 * * 1-5', tz: Europe/London",
    }),
  )
  assert.deepEqual((await folder.apply(world)).faults, [])
  const { schedules } = world.store
  const home = await schedules.home('paused')
  assert.ok(home)
  const pause = { since: world.clock.now(), until: null, by: 'ada', reason: 'the printer <is> out' }
  assert.equal(await schedules.amend(home, (await schedules.read(home))?.rev ?? '', { pauses: [pause] }), 'amended')
  const scheduler = world.scheduler()
  await world.pass(HOUR)
  while ((await scheduler.tick()) === 0);
  await world.pass(HOUR + 5 * SECOND)
  while ((await scheduler.tick()) === 0);
  const overview = await readOverview(world.store)
  const row = (name: string) => overview.schedules.rows.find((each) => each.name === name)
  assert.deepEqual(
    overview.schedules.rows.map(({ name, state }) => `${name} ${state.kind}`),
    ['budget on', 'ended ended', 'later waits', 'limited limit-reached', 'manual manual', 'paused paused'],
  )
  assert.equal(row('paused')?.sentence, 'at 09:00 on weekdays, Europe/London')
  assert.deepEqual(
    row('budget')?.fates.map(({ fate, lateness }) => `${fate} ${lateness}`),
    ['fired 0', 'fired 5000'],
  )
  const page = overviewPage(overview, { base: '' })
  const text = readable(page)
  assert.deepEqual(
    overview.coming
      .map((each) => [each.name, each.kind === 'tick' && each.hindrance])
      .filter(([name]) => name === 'paused'),
    [['paused', 'paused']],
  )
  assert.match(text, /paused 2026-01-01 09:00:00 \+00:00 in \S+ h \d+ min tick paused notes/)
  assert.match(text, /paused until somebody resumes it, by ada: the printer &lt;is&gt; out/)
  assert.match(text, /limited .*? limit reached .*? manual only when a person asks for it manual by hand only never/)
  assert.match(text, /fired 2026-01-01 02:00:00 UTC 5 s ago 5 s late, over its budget planned for at most 2 s \(p99\)/)
  assert.match(page, /role="img" aria-label="of the newest ticks 2 fired"/)
  assert.match(page, /<i class="good">f<\/i>/)
  assert.match(text, /f fired/)
  assert.match(
    page,
    /<li>fired: 2026-01-01 02:00:00 UTC, 5 s late<\/li>\s*<li>fired: 2026-01-01 01:00:00 UTC, 0 ms late<\/li>/,
  )
  assert.doesNotMatch(page, /the printer <is>/)
})

test('of many schedules the first by name are read, and the page says how many more there are', async () => {
  const world = await openWorld()
  const { store } = world
  await store.queue('mail')
  for (let index = 0; index < 203; index += 1) {
    const name = `s${String(index).padStart(3, '0')}`
    const home = await store.schedules.settle(name, { id: name.padEnd(16, 'x'), queue: 'mail' })
    if (index === 1) continue
    const at = world.clock.now() + index * MINUTE
    const definition = JSON.stringify({ name, timing: { kind: 'manual' }, tz: 'UTC', job: 'job', enabled: true })
    const fixed = { rev: '', reign: 1, version: 'v', origin: 'file', tz: '2026a', since: at, from: null } as const
    const more = { name, definition, next: { at, dueAt: at }, generation: '1', context: '1 v 2026a mail', by: 'test' }
    await store.schedules.apply(home, { ...fixed, ...more })
  }
  const overview = await readOverview(store)
  assert.deepEqual([overview.schedules.rows.length, overview.schedules.beyond], [200, 2])
  assert.match(overviewPage(overview, { base: '' }), /the first 200 by name; 2 names more are not shown/)
  assert.deepEqual(
    overview.coming.slice(0, 3).map(({ name }) => name),
    ['s000', 's002', 's003'],
  )
  assert.equal((await firstSchedules(store, 2)).schedules[1]?.name, 's002')
})

test('time-zone data that differ are told, of processes and of the next ticks that stand', () => {
  const of = (living: readonly string[], stored: readonly string[]) =>
    zoneMismatch(
      zoneDataOf(
        living.map((tz) => ({ tz })),
        stored.map((tz) => ({ tz })),
      ),
    )
  assert.equal(of(['2026a', '2026a'], ['2026a', '']), undefined)
  assert.equal(of([], []), undefined)
  assert.equal(of(['2026a', '2025b'], []), 'time-zone data differ: living processes have 2025b, 2026a')
  assert.equal(
    of(['2025b'], ['2026a']),
    'time-zone data differ: living processes have 2025b; next ticks were computed with 2026a',
  )
})
