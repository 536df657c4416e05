import type { DurationText } from '../time/due.ts'
import type { JobContract } from './contract.ts'

/** An instant: a Date, or an ISO text with an offset. */
export type InstantInput = Date | string

/** What a schedule is declared with: the keys of schedule files, by the same rules (docs/schedules.md). */
export type ScheduleDeclaration = {
  /** The job type, or its name; with a name alone say the queue too. */
  readonly job: JobContract | string
  readonly queue?: string
  /** Checked by the schema of the job type where one is given. */
  readonly payload?: unknown
  readonly cron?: string | readonly string[]
  readonly every?: DurationText
  readonly offset?: DurationText
  /** Never on its own: only by `run`. */
  readonly manual?: true
  readonly tz?: string
  readonly description?: string
  readonly missed?:
    | 'skip'
    | 'once'
    | 'all'
    | { readonly policy: 'skip' | 'once' | 'all'; readonly max?: number; readonly within?: DurationText }
  readonly overlap?: 'allow' | 'skip' | 'queue-one' | 'cancel-previous'
  readonly dst?: { readonly gap?: 'run' | 'skip'; readonly overlap?: 'first' | 'last' | 'both' }
  readonly spread?: DurationText
  readonly deadline?: DurationText
  readonly starts?: InstantInput
  readonly ends?: InstantInput
  readonly limit?: number
  readonly tags?: readonly string[]
  readonly owner?: string
  readonly runbook?: string
  /** 0 to 9, 0 first, among the ready jobs of its queue; 5 unless said, whatever the job type says. */
  readonly priority?: number
  /** How long an attempt of its jobs may take; as the job type says unless said. */
  readonly timeout?: DurationText
  /** How long after it is due a job of it may begin. */
  readonly expiresIn?: DurationText
  /** The name that it had before: it keeps its id, and with it cursor, ledger, pause and waiting jobs. */
  readonly was?: string
  readonly lateness?: { readonly p99: DurationText }
}

/** What came of an upsert. */
export type UpsertAnswer = {
  readonly outcome: 'applied' | 'unchanged'
  /** The next planned tick; null when there is none. */
  readonly nextAt: Date | null
}

/** A time in which the ticks of a schedule are not run. */
export type PauseView = {
  readonly since: Date
  /** Null while nobody has said an end. */
  readonly until: Date | null
  readonly by: string
  readonly reason: string
}

/** A schedule that is in force. */
export type ScheduleView = {
  readonly name: string
  readonly job: string
  readonly queue: string
  /** In plain words: 'at 09:00 on weekdays, Europe/London'. */
  readonly when: string
  readonly tz: string
  readonly payload?: unknown
  readonly origin: 'file' | 'api'
  /** Where it stands, as 'schedules/mail.yml:3'; empty for one made by the API. */
  readonly source: string
  readonly nextAt: Date | null
  readonly lastPlannedAt: Date | null
  readonly lastFiredAt: Date | null
  /** How many jobs it has made. */
  readonly made: number
  readonly paused: PauseView | null
}

/** A tick that is to come. */
export type TickView = {
  readonly at: Date
  /** When it is due; later than `at` where the schedule is spread. */
  readonly dueAt: Date
  /** ISO with the offset of the schedule's zone. */
  readonly local: string
  /** Whether a calendar excludes it. */
  readonly excluded: boolean
  /** What there is to know of changed clocks. */
  readonly note?: string
}

/** What became of ticks: of one, or of neighbours of one fate. */
export type HistoryView = {
  /** 'fired', 'late', 'coalesced into …', 'skipped: overlap', 'backfilled', 'superseded by generation 7' … */
  readonly fate: string
  readonly first: Date
  readonly last: Date
  readonly count: number
  /** When it was decided on; null for several. */
  readonly at: Date | null
  /** How long after it was due; of several, the worst. */
  readonly latenessMs: number
  readonly jobs: readonly { readonly id: string; readonly state: string }[]
}

/** A page of history; `next` goes on after it, and is null at the end. */
export type HistoryPageView = { readonly entries: readonly HistoryView[]; readonly next: string | null }

/** What came of a backfill. */
export type BackfillView = {
  readonly outcome: 'filled' | 'would-fill'
  readonly ticks: readonly Date[]
  /** Whether more are left: call it again. */
  readonly more: boolean
}

/** Who does it: the ledger and the page say so. */
export type ByWhom = { readonly by?: string }

/** Schedules at run time. Those from files live beside those made here, and are changed in their files only. */
export interface Schedules {
  /** Declares a schedule or changes it; InvalidScheduleError with every fault, ScheduleInFileError when a file has the name. */
  upsert(name: string, declaration: ScheduleDeclaration): Promise<UpsertAnswer>
  /** Takes one that was made here out of force; its waiting jobs are cancelled unless they are kept. */
  remove(name: string, options?: { readonly pending?: 'cancel' | 'keep' }): Promise<'removed' | 'unknown'>
  /** Its ticks are recorded as paused until it is resumed, or until the end that is said. Survives every apply. */
  pause(
    name: string,
    options: { readonly reason: string; readonly until?: InstantInput } & ByWhom,
  ): Promise<'paused' | 'unknown'>
  /** Ends the pause; what was paused stays undone (`skip`, unless said), or is made as one job, or each at `rate` a second; `more` when that left some. */
  resume(
    name: string,
    options?: { readonly missed?: 'skip' | 'once' | 'all'; readonly rate?: number } & ByWhom,
  ): Promise<{ readonly outcome: 'resumed' | 'not-paused' | 'unknown'; readonly made: number; readonly more: boolean }>
  /** Makes a job now, whatever its ticks do; `payload` is merged over that of the schedule, and checked where `job` is given. */
  run(
    name: string,
    options?: { readonly payload?: unknown; readonly job?: JobContract } & ByWhom,
  ): Promise<{ readonly outcome: 'made'; readonly id: string } | { readonly outcome: 'unknown' }>
  /** Calls off the tick at an instant, or the next ones (1 unless said); who did it and why is kept for whoever asks. */
  skip(
    name: string,
    options?: { readonly at?: InstantInput; readonly count?: number; readonly reason?: string } & ByWhom,
  ): Promise<{ readonly outcome: 'skipped' | 'decided' | 'not-planned' | 'unknown'; readonly ticks: readonly Date[] }>
  /** Makes the ticks of a range that were not run; may be repeated, and doubles nothing. */
  backfill(
    name: string,
    options: {
      readonly from: InstantInput
      readonly to: InstantInput
      readonly rate?: number
      readonly dryRun?: boolean
      readonly force?: boolean
    } & ByWhom,
  ): Promise<BackfillView | { readonly outcome: 'unknown' }>
  list(): Promise<readonly ScheduleView[]>
  get(name: string): Promise<ScheduleView | undefined>
  /** The next ticks (5 unless said); empty for one that is unknown. */
  next(name: string, options?: { readonly count?: number; readonly from?: InstantInput }): Promise<readonly TickView[]>
  /** What became of its ticks, the newest first, by pages (50 entries unless said). */
  history(name: string, options?: { readonly count?: number; readonly after?: string }): Promise<HistoryPageView>
}
