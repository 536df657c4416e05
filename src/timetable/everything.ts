import { CANARY } from '../job/names.ts'
import type { PauseNote } from '../store/pauses.ts'
import type { Store } from '../store/store.ts'
import type { StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { pause, resume } from './pause.ts'

/** What came of pausing everything: the pause that this one replaces, and the schedules that are paused with it. */
export type EverythingPaused = { readonly before: PauseNote | null; readonly schedules: readonly string[] }

/**
 * Pauses every queue, and the schedules too where that is asked; one that is paused already keeps its pause. It may stop anywhere and be
 * said again with the same note.
 */
export async function pauseEverything(store: Store, note: PauseNote, schedules: boolean): Promise<EverythingPaused> {
  const before = await store.pauses.pauseAll(note)
  const paused: string[] = []
  const until = note.until === null ? null : instant(note.until)
  for (const schedule of schedules ? await inForce(store) : []) {
    const stands = schedule.pauses.filter((each) => each.until === null || each.until > note.since)
    if (stands.some((each) => !isOf(before, each) && !isOf(note, each))) continue
    const request = { until, by: note.by, reason: note.reason, now: instant(note.since) }
    if ((await pause(store, schedule.name, request)).kind === 'paused') paused.push(schedule.name)
  }
  return { before, schedules: paused }
}

/** What came of resuming everything: the pause that has ended, and the schedules that were paused with it. */
export type EverythingResumed = { readonly ended: PauseNote | null; readonly schedules: readonly string[] }

/** Ends the pause of everything; of what was paused by it nothing is left. It may stop anywhere and be said again. */
export async function resumeEverything(
  store: Store,
  { by, now, tz }: { readonly by: string; readonly now: Instant; readonly tz: string },
): Promise<EverythingResumed> {
  const note = await store.pauses.everything()
  const resumed: string[] = []
  for (const { name, pauses } of note === null ? [] : await inForce(store)) {
    if (!pauses.some((each) => isOf(note, each) && each.endedBy === undefined)) continue
    if ((await resume(store, name, { by, now, tz })).kind === 'resumed') resumed.push(name)
  }
  return { ended: (await store.pauses.resumeAll()) ?? note, schedules: resumed }
}

const inForce = async (store: Store): Promise<readonly StoredSchedule[]> =>
  (await store.schedules.list()).filter(({ name }) => name !== CANARY)

const isOf = (note: PauseNote | null, { since, by, reason }: StoredPause): boolean =>
  note !== null && note.since === since && note.by === by && note.reason === reason
