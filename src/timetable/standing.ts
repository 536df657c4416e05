import type { Store } from '../store/store.ts'
import type { Home, StoredSchedule } from '../store/stored-schedule.ts'

/** Where a schedule is, and how it stands there. */
export type Standing = { readonly home: Home; readonly stands: StoredSchedule | undefined }

/** Whether it was taken out of force only to go on in another queue. */
export const isToGoOn = (stands: StoredSchedule | undefined): stands is StoredSchedule =>
  stands !== undefined && stands.version === '' && stands.heir !== ''

/** Where a schedule is: one whose move to another queue was broken off after it went on there, is there, whatever came of it since. */
export async function standingOf({ schedules }: Store, home: Home): Promise<Standing> {
  const stands = await schedules.read(home)
  if (!isToGoOn(stands)) return { home, stands }
  const heir: Home = { id: home.id, queue: stands.heir }
  const there = await schedules.read(heir)
  const wentOn = there !== undefined && (there.version !== '' || there.since > stands.since)
  return wentOn ? { home: heir, stands: there } : { home, stands }
}
