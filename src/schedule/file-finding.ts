import type { ScheduleDefinition } from './definition.ts'
import type { Fault, Place } from './fault.ts'
import type { LintCode } from './finding.ts'

/** What the linter finds in files: a fault, or what is allowed and mostly not meant; `fix` is what to write instead. */
export type FileFinding = Fault & {
  readonly severity: 'error' | 'warning'
  readonly code: LintCode | FileLintCode
  readonly fix?: string
}

/** What is found in a file beyond its expressions; the first is any fault that keeps a schedule from being used. */
export type FileLintCode = 'fault' | 'crowded-instant' | 'no-tick-left' | 'has-ended'

/** Where a key of a schedule stands. */
export type PlaceOf = (definition: ScheduleDefinition, key: string) => Place
