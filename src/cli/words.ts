import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'

/** How far an instant is from now: 'in 3 d 4 h', '5 min ago', 'now'. */
export function apart(at: number, now: number): string {
  const length = formatDuration(duration(Math.round(Math.abs(at - now) / 1000) * 1000))
  if (Math.abs(at - now) < 1000) return 'now'
  return at > now ? `in ${length}` : `${length} ago`
}

/** An instant for machines; null where there is none. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** '1 file', '2 files'. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
