import type { Duration, Instant } from './clock.ts'
import type { DurationInput, DurationParts, DurationText } from './duration.ts'
import type { Reading } from './reading.ts'
import type { TimeOfDay, Window, WindowInput } from './window.ts'
import type { Zone } from './zone.ts'

/** Whole days on the calendar of a zone. */
export type CalendarDays = {
  readonly years?: number
  readonly months?: number
  readonly weeks?: number
  readonly days?: number
}

/** A step on the calendar of a zone (whole numbers), then elapsed hours and less. */
export type CalendarParts = DurationParts & CalendarDays

type Option<Given> = {
  readonly [Key in 'in' | 'at' | 'time' | 'tz']?: Key extends keyof Given ? unknown : never
} & Given & {
    /** Moves a due instant that lies outside these hours to the next opening. */
    readonly window?: WindowInput
  }

/** After a length of elapsed time, counted by Redis' clock: { in: '3 days' }. */
export type ElapsedWhen = Option<{ readonly in: DurationInput }>

/** The same time on the wall, so many days later: { in: { days: 3 }, tz: 'Europe/Berlin' }. */
export type CalendarWhen = Option<{ readonly in: CalendarParts; readonly tz: string }>

/** A time on the wall of a later day: { in: { days: 3 }, time: '09:00', tz: 'Europe/Berlin' }. */
export type CalendarTimeWhen = Option<{ readonly in: CalendarDays; readonly time: TimeOfDay; readonly tz: string }>

/** At an instant: a Date, an ISO text with an offset, or anything with toMillis() (a Luxon DateTime). */
export type InstantWhen = Option<{ readonly at: Date | { toMillis(): number } | string }>

/** At a reading of the wall clocks of a zone: { at: '2026-12-01T09:00', tz: 'Europe/Berlin' }. */
export type WallClockWhen = Option<{ readonly at: string; readonly tz: string }>

/** When a job is due; nonsense, such as both `in` and `at`, does not compile. */
export type When = ElapsedWhen | CalendarWhen | CalendarTimeWhen | InstantWhen | WallClockWhen

export type { DurationInput, DurationParts, DurationText, TimeOfDay, WindowInput }

type Windowed = { readonly window?: Window }

/** When a job is due, as it was read. */
export type ParsedWhen =
  /** Handed to Redis as a delay, unless it has a window: then it is resolved by the client. */
  | ({ readonly kind: 'elapsed'; readonly delay: Duration } & Windowed)
  | ({ readonly kind: 'instant'; readonly at: Instant } & Windowed)
  | ({ readonly kind: 'reading'; readonly reading: Reading; readonly zone: Zone } & Windowed)
  | ({
      readonly kind: 'calendar'
      readonly step: { readonly years: number; readonly months: number; readonly weeks: number; readonly days: number }
      /** Elapsed time after the step. */
      readonly rest: Duration
      /** Milliseconds since midnight; null keeps the time of the wall clock. */
      readonly time: number | null
      readonly zone: Zone
    } & Windowed)
