import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { readScheduleFiles, type ScheduleFiles } from '../../src/schedule/files.ts'
import type { Store } from '../../src/store/store.ts'
import { instant } from '../../src/time/clock.ts'
import { auditAll, differenceInWords } from '../../src/timetable/audit.ts'
import { type AppliedFiles, type ApplyFilesParts, applyFiles } from '../../src/timetable/files.ts'
import { freePrefix } from '../support/redis.ts'
import { openFolder } from './folder.ts'
import type { World } from './world.ts'

/** A scheduler's process, as far as its files go: it lives in the list of the living, and applies when a test says so. */
export type Process = {
  readonly id: string
  readonly applied: () => AppliedFiles | undefined
  apply(how?: Partial<ApplyFilesParts>): Promise<AppliedFiles>
  /** Says that it lives. */
  beat(): Promise<void>
  /** Ends as after SIGTERM; without this it was killed. */
  stop(): Promise<void>
}

/** The files of one release. */
export async function release(test: TestContext, text: string): Promise<ScheduleFiles> {
  const folder = openFolder(test)
  folder.write('a.yml', text)
  return readScheduleFiles(folder.path, { defaultZone: 'UTC' })
}

/** Schedules of one job in a queue, each `name: [queue, what it says]`. */
export const declared = (schedules: Readonly<Record<string, readonly [string, string]>>): string =>
  `schedules: {${Object.entries(schedules)
    .map(([name, [queue, says]]) => `\n  ${name}: { job: note, queue: ${queue}, ${says} }`)
    .join(',')}\n}\n`

/** Starts a process with the files of a release, which it has not applied yet. */
export function start({ store, clock }: World, files: ScheduleFiles, given: number | null = null): Process {
  const id = freePrefix()
  let applied: AppliedFiles | undefined
  const card = () => ({
    ...{ id, roles: ['scheduler'], host: 'here', pid: 1, version: '1', environment: 'test', startedAt: 0 },
    ...{ queues: [], names: [], catalogue: {}, tz: '2026a', clockAhead: 0, running: 0 },
    generation: applied?.generation ?? '',
  })
  const beat = (): Promise<void> => store.registry.announce(card(), clock.now())
  return {
    id,
    applied: () => applied,
    beat,
    apply: async (how = {}) => {
      const usual = { by: id, tz: '2026a', environment: 'test', told: true, given }
      await beat()
      applied = await applyFiles({ store, files, ...usual, ...how })
      await beat()
      return applied
    },
    stop: () => store.registry.leave(id, { generation: card().generation, now: clock.now() }),
  }
}

/** Every difference that an audit of all schedules finds, in words. */
export async function differences(store: Store, tz = '2026a'): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { name, differences } of auditAll(store, { since: instant(0), tz })) {
    for (const each of differences) {
      found.push(`${name}: ${differenceInWords(each)} (${new Date(each.first).toISOString()})`)
    }
  }
  return found
}

/** What is in force, with its queue and next tick. */
export const standing = async ({ store }: World): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await store.schedules.list()).map(({ name, queue, nextAt }) => [
      name,
      `${queue} ${nextAt === null ? 'never' : new Date(nextAt).toISOString().slice(0, 19)}`,
    ]),
  )

/** Fails unless an audit of all schedules proves that each tick was decided on once. */
export async function proved({ store }: World, tz?: string): Promise<void> {
  assert.deepEqual(await differences(store, tz), [])
}

const STEPS = [
  'apply',
  'retire',
  'rehome',
  'settle',
  'home',
  'read',
  'fire',
  'callOff',
  'reign',
  'list',
  'homes',
  'homesOf',
  'settleAll',
  'readAll',
] as const

/** A store whose n-th call that concerns schedules is the last: it is not sent, or its answer is not heard. */
export function dying(whole: Store, last: number, sent: boolean) {
  let calls = 0
  const schedules = { ...whole.schedules } as Record<string, unknown>
  for (const step of STEPS) {
    const call = whole.schedules[step] as (...given: unknown[]) => Promise<unknown>
    schedules[step] = async (...given: unknown[]) => {
      calls += 1
      if (calls > last || (calls === last && !sent)) throw new Error('killed')
      const answer = await call(...given)
      if (calls === last) throw new Error('killed')
      return answer
    }
  }
  const store = { ...whole, schedules: schedules as Store['schedules'] }
  return { store, calls: () => calls }
}
