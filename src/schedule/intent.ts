import { runsIn, type ScheduleDefinition } from './definition.ts'
import { isKept, type ScheduleFiles } from './files.ts'

/** What files want to be in force, compared with what is: `kept` and `gone` are names of what is in force and in no file. */
export type Intent = {
  /** All that shall be in force, what is kept included. */
  readonly after: readonly ScheduleDefinition[]
  /** What stays because the files fail to say what shall become of it. */
  readonly kept: readonly string[]
  readonly gone: readonly string[]
}

/**
 * What an apply of these files would leave in force: what is unreadable removes nothing. `environment` is null where schedules
 * of all environments count.
 */
export function intentOf(
  files: Pick<ScheduleFiles, 'schedules' | 'unreadable'>,
  before: readonly ScheduleDefinition[],
  environment: string | null,
): Intent {
  const wanted = files.schedules.filter((each) => (environment === null ? each.enabled : runsIn(each, environment)))
  const standing = new Set(before.map(({ name }) => name))
  // One that stands beside the schedule that took it over came back with older files, and goes again.
  const inherited = wanted.flatMap(({ name, policies: { was = name } }) => (standing.has(name) ? [] : [was]))
  const spoken = new Set([...wanted.map(({ name }) => name), ...inherited])
  const silent = before.filter(({ name }) => !spoken.has(name))
  const isBlind = files.unreadable.some(({ kind }) => kind !== 'schedule')
  const kept = silent.filter((each) => isBlind || isKept(files.unreadable, each))
  const names = new Set(kept.map(({ name }) => name))
  return {
    after: [...wanted, ...kept],
    kept: [...names],
    gone: silent.map(({ name }) => name).filter((name) => !names.has(name)),
  }
}
