export {
  ClientClosedError,
  ConflictError,
  InvalidPauseError,
  InvalidScheduleError,
  ScheduleInFileError,
} from './client/errors.ts'
export { ConfigError } from './config-error.ts'
export { type ErrorCode, MorrowError } from './errors.ts'
export type {
  CancelAnswer,
  Client,
  EnqueueOptions,
  JobEnd,
  JobError,
  JobPlace,
  JobRequest,
  JobView,
  Receipt,
  RescheduleAnswer,
  ScheduleItem,
  ScheduleOptions,
} from './job/client.ts'
export type { JobContext, JobLog, JobTick, Services } from './job/context.ts'
export type { JobContract } from './job/contract.ts'
export type {
  DeadGroup,
  DeadJobs,
  DeadJobView,
  DeadMany,
  DeadMatch,
  FailedAttempt,
  ReviveManyOptions,
  ReviveOptions,
} from './job/dead-client.ts'
export { defineJob, type JobDefinition, type JobOptions } from './job/definition.ts'
export {
  InvalidJobError,
  InvalidNameError,
  InvalidPayloadError,
  NonRetryableError,
  type PayloadIssue,
  PayloadTooLargeError,
} from './job/errors.ts'
export type { Emit, MorrowEvent, Role } from './job/events.ts'
export type { JobHandler } from './job/handler.ts'
export { InvalidIdError } from './job/id.ts'
export type { TimeLimits } from './job/limits.ts'
export type { DeadReason } from './job/outcome.ts'
export type { Priority } from './job/priority.ts'
export type { QueuePauseOptions, QueuePauseView, Queues } from './job/queues-client.ts'
export type { BackoffFunction, BackoffOptions, RetryOptions } from './job/retry.ts'
export type { DiscardRuleOptions, ErrorMatch, RetryRuleOptions } from './job/rules.ts'
export type {
  HistoryView,
  PauseView,
  ScheduleDeclaration,
  Schedules,
  ScheduleView,
  TickView,
} from './job/schedules-client.ts'
export type {
  BulkAnswer,
  BulkOptions,
  BulkProgress,
  JobCancelling,
  JobChanges,
  JobCriteria,
  JobListing,
  JobPage,
  JobSelection,
  Jobs,
  RunAnswer,
  SelectedJob,
  UpdateAnswer,
} from './job/selection-client.ts'
export type { Service } from './lifecycle/service.ts'
export { InvalidCronError } from './schedule/invalid-cron.ts'
export { ClockHeldError } from './store/clock-watch.ts'
export {
  EnvironmentOwnedError,
  LayoutNewerError,
  OutcomeUnknownError,
  RedisDeniedError,
  RedisFullError,
  RedisUnavailableError,
  RedisUnsuitableError,
  StoreError,
} from './store/errors.ts'
export type { DurationText, When } from './time/due.ts'
export { InvalidTimeError } from './time/invalid-time.ts'
export { type ClientOptions, createClient } from './wiring/client.ts'
export { defineConfig, type MorrowConfig } from './wiring/define-config.ts'
export { createScheduler, createWorker, type SchedulerOptions, type WorkerOptions } from './wiring/embed.ts'
export { createWeb, type WebOptions, webPlugin } from './wiring/web.ts'
export { CancelledError, LeaseLostError } from './worker/errors.ts'
