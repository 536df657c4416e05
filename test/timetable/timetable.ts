import assert from 'node:assert/strict'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import { DEFAULT_POLICIES, type Policies } from '../../src/schedule/policies.ts'
import { openFiring } from '../../src/scheduler/fire.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { duration, type Instant, instant } from '../../src/time/clock.ts'
import { type Hand, putInForce } from '../../src/timetable/apply.ts'
import { type AuditedSchedule, auditSchedule } from '../../src/timetable/audit.ts'
import { readRecords } from '../../src/timetable/records.ts'
import { connectTo } from '../store/test-queue.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

/** Thursday, 2026-01-01T00:00:00Z: when every timetable of the tests begins. */
export const START = instant(Date.UTC(2026, 0, 1))

/** The version of the time-zone data of this process. */
export const TZ = process.versions['tz'] ?? ''

/** A definition: each minute unless said. */
export const each = (
  more: Partial<Omit<ScheduleDefinition, 'policies'>> & { readonly policies?: Partial<Policies> } = {},
): ScheduleDefinition => ({
  name: 'nightly',
  timing: { kind: 'cron', cron: ['* * * * *'] },
  tz: 'UTC',
  job: 'note',
  queue: 'mail',
  enabled: true,
  source: { file: 'schedules/a.yml', line: 3, column: 3 },
  ...more,
  policies: { ...DEFAULT_POLICIES, ...more.policies },
})

/** Schedules on a real Redis in a namespace of its own, with a clock that the test moves. */
export async function openTimetable() {
  const connection = await connectTo(await testRedisUrl())
  const prefix = freePrefix()
  let now: number = START
  const store = openStore({ connection, prefix, now: () => String(now) })
  const hand: Hand = { store, by: 'scheduler-1', generation: '1', reign: 1, tz: TZ }
  const monotonic = () => duration(now - START)
  const homeOf = async (name: string) => {
    const home = await store.schedules.home(name)
    assert.ok(home, `${name} has a home`)
    return home
  }
  return {
    connection,
    prefix,
    store,
    hand,
    homeOf,
    now: () => instant(now),
    monotonic,
    /** Sets the clock to so many milliseconds after the start. */
    at: (milliseconds: number): Instant => {
      now = START + milliseconds
      return instant(now)
    },
    apply: (definition: ScheduleDefinition) => putInForce(hand, definition, 'file'),
    /** Decides on all that is due in a queue. */
    fire: async (queue = 'mail', on: Store = store, by = 'scheduler-1') => {
      const fire = openFiring({ store: on, emit: () => undefined, id: by, tz: TZ, clock: { monotonic } }, queue)
      while ((await fire()) === 0);
    },
    audit: async (name = 'nightly', since: Instant = START): Promise<AuditedSchedule> => {
      const found = await auditSchedule(store, await homeOf(name), { since, now: instant(now), tz: TZ })
      return found ?? assert.fail(`nothing of ${name} is left`)
    },
    /** The ledger as words: fate, first and last in seconds from the start, count. */
    ledger: async (name = 'nightly'): Promise<readonly string[]> => {
      const records = await readRecords(store, await homeOf(name))
      const seconds = (at: number): number => (at - START) / 1_000
      return (records?.rows ?? []).map(
        ({ entry: { fate, first, last, count } }) => `${fate} ${seconds(first)} ${seconds(last)} ${count}`,
      )
    },
    stands: async (name = 'nightly') => {
      const found = await store.schedules.read(await homeOf(name))
      return found ?? assert.fail(`nothing of ${name} is left`)
    },
  }
}

/** What the tests of a timetable hold. */
export type Timetable = Awaited<ReturnType<typeof openTimetable>>
