import type { Store } from '../store/store.ts'
import type { StoredPause } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { amend, liveNotes, type Unknown } from './amend.ts'
import { checkRate, type Filled, fillPaused } from './backfill.ts'
import { settleDue } from './settle.ts'

/** Who pauses a schedule, why, and until when; without an end it lasts until somebody resumes it. */
export type PauseRequest = {
  readonly until?: Instant | null
  readonly by: string
  readonly reason: string
  /** Redis' time. */
  readonly now: Instant
}

/** What came of a pause; `before` are the pauses that it replaces. */
export type PauseAnswer =
  | { readonly kind: 'paused'; readonly pause: StoredPause; readonly before: readonly StoredPause[] }
  | Unknown

/**
 * Pauses a schedule from now on: ticks due while it lasts are recorded as paused. It survives every apply. A pause that
 * lasts already ends with it. Throws InvalidTimeError when the end is not after now.
 */
export async function pause(store: Store, name: string, request: PauseRequest): Promise<PauseAnswer> {
  const { until = null, by, reason, now } = request
  if (until !== null && until <= now) {
    const [end, is] = [until, now].map((at) => new Date(at).toISOString())
    throw new InvalidTimeError(`until: expected an instant after now (${is}), got ${end}`)
  }
  const fresh: StoredPause = { since: now, until, by, reason }
  return amend<PauseAnswer>(store, name, ({ stands }) => {
    const before = stands.pauses.filter((each) => lasts(each, now))
    const notes = liveNotes(stands, now, { pauses: [...endedAt(stands.pauses, now, by), fresh] })
    return { kind: 'note', notes, answer: { kind: 'paused', pause: fresh, before } }
  })
}

const lasts = ({ since, until }: StoredPause, now: number): boolean => since <= now && (until === null || until > now)

const endedAt = (pauses: readonly StoredPause[], now: number, by: string): readonly StoredPause[] =>
  pauses.map((each) => (lasts(each, now) ? { ...each, until: now, endedBy: by } : each))

/** Who resumes a schedule, and what becomes of the ticks that were paused. */
export type ResumeRequest = {
  /** Nothing (unless said), one job for the newest that stands for all, or a job for each. */
  readonly missed?: 'skip' | 'once' | 'all'
  /** Jobs a second for `all`, 10 unless said. */
  readonly rate?: number
  readonly by: string
  readonly now: Instant
  /** The version of the time-zone data here. */
  readonly tz: string
}

/** What came of it: the pauses that have ended, and what was made for the ticks that were paused. */
export type ResumeAnswer =
  | { readonly kind: 'resumed'; readonly pauses: readonly StoredPause[]; readonly filled: Filled | null }
  | { readonly kind: 'not-paused' }
  | Unknown

/** The jobs a second that a resume or a backfill makes unless it is said. */
export const RATE = 10

/**
 * Ends the pause of a schedule now. What is then made for paused ticks can be stopped; the rest is made by a backfill. At most
 * 10,000 ticks. Throws InvalidTimeError for a rate that is none.
 */
export async function resume(store: Store, name: string, request: ResumeRequest): Promise<ResumeAnswer> {
  const { missed = 'skip', rate = RATE, by, now, tz } = request
  checkRate(rate)
  const answer = await amend<ResumeAnswer>(store, name, ({ stands }) => {
    const ended = stands.pauses.filter((each) => lasts(each, now))
    if (ended.length === 0) return { kind: 'answer', answer: { kind: 'not-paused' } }
    const notes = liveNotes(stands, now, { pauses: endedAt(stands.pauses, now, by) })
    return { kind: 'note', notes, answer: { kind: 'resumed', pauses: endedAt(ended, now, by), filled: null } }
  })
  if (answer.kind !== 'resumed' || missed === 'skip') return answer
  await settleDue(store, name, { by, tz, dueBefore: now })
  const since = instant(Math.min(...answer.pauses.map((each) => each.since)))
  const filled = await fillPaused(store, name, { since, until: now, each: missed === 'all', rate, by, tz })
  return { ...answer, filled }
}
