import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MorrowEvent } from '../../src/job/events.ts'
import { countEvents } from '../../src/web/event-metrics.ts'
import { checksOf, healthServer } from '../../src/web/health.ts'
import { announce, SECRET, seed, seedSchedules } from './seed.ts'
import { home, webOn } from './support.ts'

const fired = (schedule: string, lateMs: number, fate: 'fired' | 'late'): MorrowEvent => ({
  kind: 'tick.fired',
  schedule,
  plannedAt: new Date(0),
  fate,
  lateMs,
  standsFor: 1,
  id: 'j2',
  queue: 'mail',
})

const about = { id: 'j1', job: 'send-mail', queue: 'mail' }

test('the series of the namespace say what is where, and how old it is', async (t) => {
  const here = await home(t)
  await seed(here)
  await seedSchedules(here)
  await announce(here)
  const { body } = await webOn(t, here.store).get('/metrics')
  const expected = [
    'morrow_cluster_up 1',
    'morrow_cluster_jobs{queue="mail",place="scheduled"} 3',
    'morrow_cluster_jobs{queue="mail",place="held"} 1',
    'morrow_cluster_jobs{queue="mail",place="dead"} 1',
    'morrow_cluster_jobs{queue="mail",place="ended"} 1',
    'morrow_cluster_jobs{queue="images",place="ready"} 2',
    'morrow_cluster_held_jobs{queue="mail",name="write-invoice"} 1',
    'morrow_cluster_moves_total{queue="mail",move="completed"} 1',
    'morrow_cluster_processes{role="worker"} 1',
    'morrow_cluster_processes{role="scheduler"} 0',
  ]
  const lines = body.split('\n')
  for (const line of expected) assert.ok(lines.includes(line), `expected ${line} in\n${body}`)
  const value = (series: string): number =>
    Number(
      lines
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    )
  assert.ok(value('morrow_cluster_oldest_ready_age_seconds{queue="images"}') >= 0)
  assert.ok(value('morrow_cluster_held_age_seconds{queue="mail",name="write-invoice"}') >= 0)
  assert.ok(value('morrow_cluster_unserved') >= 1)
  const inSeconds = value('morrow_cluster_next_tick_timestamp_seconds') - (await here.store.inspector.time()) / 1000
  assert.ok(inSeconds > 30 && inSeconds <= 60)
  assert.ok(!body.includes(SECRET))
  for (const line of lines.filter((each) => /^[a-z]/.test(each))) assert.match(line, /^morrow_cluster_/)
})

test('events become the series of a process', async () => {
  const { emit, register } = countEvents()
  const events: readonly MorrowEvent[] = [
    { kind: 'job.completed', ...about, attempt: 1, lateMs: 3, tookMs: 40 },
    { kind: 'job.completed', ...about, attempt: 1, lateMs: 700_000, tookMs: 40 },
    { kind: 'job.failed', ...about, error: new Error(SECRET), attempt: 1, attempts: 2, tookMs: 9 },
    { kind: 'job.dead', ...about, reason: 'attempts', attempt: 2 },
    { kind: 'job.handedBack', ...about, interruptions: 1 },
    { kind: 'job.timedOut', ...about, attempt: 1, timeoutMs: 1_000, abandoned: false },
    { kind: 'job.timedOut', ...about, attempt: 1, timeoutMs: 1_000, abandoned: true },
    { kind: 'job.expired', ...about, lateMs: 1 },
    { kind: 'job.cancelled', ...about, attempt: 1, tookMs: 1 },
    { kind: 'lease.lost', ...about, attempt: 1 },
    { kind: 'jobs.promoted', queue: 'mail', count: 250 },
    { kind: 'jobs.reclaimed', queue: 'mail', count: 2 },
    fired('digest', 3, 'fired'),
    fired('digest', 7_000, 'late'),
    { kind: 'lateness.breached', schedule: 'digest', p99Ms: 7_000, budgetMs: 2_000, ticks: 2 },
    { kind: 'tick.skipped', schedule: 'digest', plannedAt: new Date(0), count: 3, reason: 'missed' },
    { kind: 'store.unavailable', error: new Error('x') },
    { kind: 'clock.held', apartMs: 90_000 },
    { kind: 'schedules.faulty', faults: ['a', 'b'] },
    { kind: 'error', doing: 'moving what is due', error: new Error('x') },
  ]
  for (const event of events) emit(event)
  const lines = (await register.metrics()).split('\n')
  const expected = [
    'morrow_jobs_completed_total{queue="mail",job="send-mail"} 2',
    'morrow_jobs_failed_total{queue="mail",job="send-mail"} 1',
    'morrow_jobs_dead_total{queue="mail",job="send-mail",reason="attempts"} 1',
    'morrow_jobs_handed_back_total{queue="mail"} 1',
    'morrow_leases_lost_total{queue="mail"} 1',
    'morrow_attempts_timed_out_total{queue="mail",job="send-mail",abandoned="false"} 1',
    'morrow_attempts_timed_out_total{queue="mail",job="send-mail",abandoned="true"} 1',
    'morrow_jobs_expired_total{queue="mail",job="send-mail"} 1',
    'morrow_jobs_cancelled_total{queue="mail",job="send-mail"} 1',
    'morrow_jobs_promoted_total{queue="mail"} 250',
    'morrow_jobs_reclaimed_total{queue="mail"} 2',
    'morrow_ticks_fired_total{schedule="digest"} 2',
    'morrow_ticks_total{outcome="late"} 1',
    'morrow_ticks_total{outcome="missed"} 3',
    'morrow_tick_lateness_seconds_bucket{le="0.005",schedule="digest"} 1',
    'morrow_tick_lateness_seconds_sum{schedule="digest"} 7.003',
    'morrow_schedule_lateness_budget_breached{schedule="digest"} 1',
    'morrow_ticks_skipped_total{schedule="digest",reason="missed"} 3',
    'morrow_store_connected 0',
    'morrow_clock_held 1',
    'morrow_schedule_faults 2',
    'morrow_errors_total{doing="moving what is due"} 1',
    'morrow_lateness_seconds_bucket{le="0.0025",queue="mail"} 0',
    'morrow_lateness_seconds_bucket{le="0.005",queue="mail"} 1',
    'morrow_lateness_seconds_bucket{le="600",queue="mail"} 1',
    'morrow_lateness_seconds_bucket{le="+Inf",queue="mail"} 2',
    'morrow_run_seconds_sum{queue="mail"} 0.08',
  ]
  for (const line of expected) assert.ok(lines.includes(line), `expected ${line} in\n${lines.join('\n')}`)
  emit({ kind: 'store.recovered', afterMs: 5 })
  emit({ kind: 'clock.released', by: 'agreement' })
  assert.match(await register.metrics(), /morrow_store_connected 1[\s\S]*morrow_clock_held 0/)
})

test('two processes in one program count apart', async () => {
  const [one, other] = [countEvents(), countEvents()]
  one.emit({ kind: 'jobs.promoted', queue: 'mail', count: 1 })
  assert.doesNotMatch(await other.register.metrics(), /morrow_jobs_promoted_total\{/)
})

test('a worker shows its health and both kinds of series on a port of its own', async (t) => {
  const { store } = await home(t)
  const { emit, register } = countEvents()
  emit({ kind: 'jobs.promoted', queue: 'mail', count: 7 })
  let alive = true
  const checks = checksOf({ store: () => Promise.resolve(store), register, live: () => alive })
  await using server = healthServer({ ...checks, host: '127.0.0.1', port: 0 })
  await server.start()
  const get = (path: string): Promise<Response> => fetch(`${server.url()}${path}`)
  assert.equal(await (await get('/readyz')).text(), 'ok\n')
  const metrics = await get('/metrics')
  assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(await metrics.text(), /morrow_cluster_up 1[\s\S]*morrow_jobs_promoted_total\{queue="mail"\} 7/)
  assert.equal((await get('/')).status, 404)
  alive = false
  const dead = await get('/healthz')
  assert.deepEqual([dead.status, await dead.text()], [503, 'not ok\n'])
})
