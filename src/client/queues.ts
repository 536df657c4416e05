import { excerpt } from '../errors.ts'
import { queueName } from '../job/names.ts'
import { fieldsOf, noting } from '../job/options.ts'
import type { EverythingPauseOptions, QueuePauseView, Queues } from '../job/queues-client.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { PauseNote } from '../store/pauses.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { instant } from '../time/clock.ts'
import { parseDuration } from '../time/duration.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { parseIso } from '../time/wall-clock.ts'
import { pauseEverything, resumeEverything } from '../timetable/everything.ts'
import type { Calls } from './calls.ts'
import { InvalidPauseError } from './errors.ts'
import { refuseHeld, refuseOthers } from './rights.ts'

/** What the queues of a client are made of; see SchedulesParts. */
export type QueuesParts = {
  readonly store: () => Promise<Store>
  readonly clock: Clock
  readonly tz: string
  readonly by: string
  readonly environment: string | undefined
  readonly counted: Calls['counted']
}

const EVERYTHING = '*'
const LONGEST = 500

/** The queues of a client: what programs may say of them at run time. */
export function openQueues(parts: QueuesParts): Queues {
  const calling =
    <Given extends readonly unknown[], Answer>(call: (store: Store, ...given: Given) => Promise<Answer>) =>
    (...given: Given): Promise<Answer> =>
      parts.counted(async () => {
        const opened = await parts.store().catch(asOurs)
        return call(opened, ...given).catch(asOurs)
      })()
  return {
    pause: calling(async (store, queues: unknown, options: unknown) => {
      const asked = askedOf(queues, options, parts.by)
      if (asked.until.kind === 'length') await refuseHeld(store, parts.clock)
      await refuseOthers(store, parts.environment)
      return pauseAsked(store, asked)
    }),
    resume: calling(async (store, queues: unknown, options: unknown = {}) => {
      const faults: string[] = []
      const names = namesOf(queues, faults)
      const { by = parts.by } = fieldsOf(options, 'options', ['by'], faults)
      sayText(by, 'by', faults)
      if (faults.length > 0) throw new InvalidPauseError(faults)
      await refuseOthers(store, parts.environment)
      return resumeNamed(store, names, String(by), parts.tz)
    }),
    paused: calling(async (store) => {
      const all = await store.pauses.everything()
      const each = await Promise.all((await store.space.queues()).map((queue) => store.pauses.of(queue)))
      const own = each.flat().filter(({ scope }) => scope === 'queue')
      return [...(all === null ? [] : [viewOf(EVERYTHING, all)]), ...own.map((pause) => viewOf(pause.queue, pause))]
    }),
  }
}

type Until = { readonly kind: 'never' } | { readonly kind: 'length' | 'instant'; readonly ms: number }

type Asked = {
  readonly names: readonly string[]
  readonly reason: string
  readonly by: string
  readonly until: Until
  readonly schedules: boolean
}

/** Reads what a pause is asked with; InvalidPauseError with every fault. */
function askedOf(queues: unknown, options: unknown, usual: string): Asked {
  const faults: string[] = []
  const names = namesOf(queues, faults)
  const known = ['reason', 'until', 'by', 'schedules'] satisfies (keyof EverythingPauseOptions)[]
  const { reason, by = usual, until, schedules = false } = fieldsOf(options ?? null, 'options', known, faults)
  sayText(reason, 'reason', faults)
  sayText(by, 'by', faults)
  if (typeof schedules !== 'boolean') faults.push(`schedules: must be true or false, got ${excerpt(schedules)}`)
  if (schedules === true && !names.includes(EVERYTHING)) {
    faults.push(
      `schedules: is for '*' only, got it beside ${excerpt(names)}; pause a schedule by client.schedules.pause`,
    )
  }
  const end = noting<Until>(faults, { kind: 'never' }, () => untilOf(until))
  if (faults.length > 0) throw new InvalidPauseError(faults)
  return { names, reason: String(reason), by: String(by), until: end, schedules: schedules === true }
}

function namesOf(queues: unknown, faults: string[]): readonly string[] {
  const given: readonly unknown[] = Array.isArray(queues) ? queues : [queues]
  if (given.length === 0) faults.push("queues: must have at least one name, or be '*' for everything, got none")
  if (given.includes(EVERYTHING) && given.length > 1) faults.push("queues: '*' is everything; must stand alone")
  return given.map((name) => (name === EVERYTHING ? name : noting(faults, '', () => queueName(name, 'queues'))))
}

function sayText(text: unknown, what: string, faults: string[]): void {
  const isText = typeof text === 'string' && text.trim() !== '' && text.length <= LONGEST && !/\p{Cc}/u.test(text)
  if (!isText) faults.push(`${what}: must be one line of 1 to ${LONGEST} characters, got ${excerpt(text)}`)
}

function untilOf(until: unknown): Until {
  if (until === undefined) return { kind: 'never' }
  if (until instanceof Date && Number.isFinite(until.getTime())) return { kind: 'instant', ms: until.getTime() }
  const iso = typeof until === 'string' ? parseIso(until) : undefined
  if (iso?.kind === 'instant') return { kind: 'instant', ms: iso.at }
  if (typeof until === 'string' && iso === undefined) return { kind: 'length', ms: parseDuration(until, 'until') }
  throw new InvalidTimeError(`until: expected '30m', a Date, or an ISO time with its offset, got ${excerpt(until)}`)
}

async function pauseAsked(store: Store, { names, reason, by, until, schedules }: Asked): Promise<QueuePauseView[]> {
  const since = await store.inspector.time()
  const end = until.kind === 'never' ? null : until.kind === 'length' ? since + until.ms : until.ms
  if (end !== null && end <= since) {
    const [now, came] = [since, end].map((at) => new Date(at).toISOString())
    throw new InvalidTimeError(`until: expected an instant after now (${now}), got ${came}`)
  }
  const note: PauseNote = { since, until: end, by, reason }
  if (names.includes(EVERYTHING)) await pauseEverything(store, note, schedules)
  else for (const name of names) await store.queue(name).then(() => store.pauses.pause(name, note))
  return names.map((name) => viewOf(name, note))
}

async function resumeNamed(store: Store, names: readonly string[], by: string, tz: string): Promise<QueuePauseView[]> {
  const now = instant(await store.inspector.time())
  const ended: QueuePauseView[] = []
  for (const name of names) {
    const note =
      name === EVERYTHING ? (await resumeEverything(store, { by, now, tz })).ended : await store.pauses.resume(name)
    if (note !== null && (note.until === null || note.until > now)) ended.push(viewOf(name, note))
  }
  return ended
}

const viewOf = (queue: string, { since, until, by, reason }: PauseNote): QueuePauseView => ({
  queue,
  since: new Date(since),
  until: until === null ? null : new Date(until),
  by,
  reason,
})

function asOurs(error: unknown): never {
  throw errorOf(faultOf(error))
}
