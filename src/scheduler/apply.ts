import { fingerprint, runsIn, type ScheduleDefinition, timingOf } from '../schedule/definition.ts'
import { formatFault } from '../schedule/fault.ts'
import { isKept, readScheduleFiles, type ScheduleFiles } from '../schedule/files.ts'
import type { Catalogue } from '../schedule/read-definitions.ts'
import { nextTick } from '../schedule/timing.ts'
import type { Store } from '../store/store.ts'
import { instant } from '../time/clock.ts'

/** What an apply changed, and what it could not read. */
export type AppliedFiles = {
  readonly applied: readonly string[]
  readonly unchanged: readonly string[]
  readonly withdrawn: readonly string[]
  readonly faults: readonly string[]
}

export type ApplyParts = {
  readonly store: Store
  readonly folder: string
  /** Whether somebody said where the files are: then a folder that is not there is a fault, even if nothing was ever applied. */
  readonly told: boolean
  readonly environment: string
  readonly defaultZone: string
  readonly catalogue: Catalogue | undefined
}

/**
 * Reads the schedule files and puts them in force. What cannot be read removes nothing: a schedule goes only when every
 * file was read and none has it. A schedule that is new or changed owes nothing from before.
 */
export async function applySchedules(parts: ApplyParts): Promise<AppliedFiles> {
  const { store, folder, environment, defaultZone, catalogue } = parts
  const files = await readScheduleFiles(folder, { defaultZone, ...(catalogue ? { catalogue } : {}) })
  const applied: string[] = []
  const unchanged: string[] = []
  for (const definition of files.schedules.filter((each) => runsIn(each, environment))) {
    const answer = await apply(store, definition)
    ;(answer === 'applied' ? applied : unchanged).push(definition.name)
  }
  const withdrawn = await withdraw(store, files, environment)
  const missed = parts.told || (await store.schedules.list()).length > 0 ? unreadable(files) : []
  return { applied, unchanged, withdrawn, faults: [...files.faults.map(formatFault), ...missed] }
}

async function apply(store: Store, definition: ScheduleDefinition): Promise<'applied' | 'unchanged'> {
  const now = await store.inspector.time()
  const queue = definition.queue ?? 'default'
  await store.queue(queue)
  return store.schedules.apply({
    name: definition.name,
    queue,
    version: fingerprint(definition),
    definition: JSON.stringify(definition),
    next: nextTick(timingOf(definition), instant(now)),
  })
}

async function withdraw(store: Store, files: ScheduleFiles, environment: string): Promise<string[]> {
  const wanted = new Set(files.schedules.filter((each) => runsIn(each, environment)).map(({ name }) => name))
  const withdrawn: string[] = []
  if (files.unreadable.some(({ kind }) => kind !== 'schedule')) return withdrawn
  for (const { name, definition } of await store.schedules.list()) {
    if (wanted.has(name) || isKept(files.unreadable, JSON.parse(definition) as ScheduleDefinition)) continue
    await store.schedules.withdraw(name)
    withdrawn.push(name)
  }
  return withdrawn
}

const unreadable = ({ unreadable }: ScheduleFiles): string[] =>
  unreadable.flatMap((each) => (each.kind === 'folder' ? [each.reason] : []))
