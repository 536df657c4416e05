import { basename, join, resolve } from 'node:path'
import { excerpt } from '../errors.ts'
import { calendarsIn } from './calendar-files.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { Fault } from './fault.ts'
import { digestOf, type Folder, type Listed, markOf, readYaml } from './folder.ts'
import { broughtTo } from './left-open.ts'
import { type FaultySchedule, type ReadDefinitions, type ReadingOptions, readDefinitions } from './read-definitions.ts'

/** What could not be read, so that its absence says nothing. */
export type Unreadable =
  | { readonly kind: 'folder'; readonly state: 'missing' | 'empty' | 'unreadable'; readonly reason: string }
  | { readonly kind: 'file'; readonly file: string; readonly reason: string }
  | { readonly kind: 'schedule'; readonly file: string; readonly name: string; readonly reason: string }

/** All that the files of a folder say, and what they fail to say. */
export type ScheduleFiles = {
  readonly schedules: readonly ScheduleDefinition[]
  /** Every fault of every file; empty when all is well. */
  readonly faults: readonly Fault[]
  readonly unreadable: readonly Unreadable[]
  /** The files that were found, as 'schedules/mail.yml'. */
  readonly files: readonly string[]
  /** The files of calendars that were found, as 'schedules/calendars/public.yml'. */
  readonly calendarFiles: readonly string[]
  /**
   * Equal for files that are equal and mean the same: the zone and the queues that they leave to the process that reads them count
   * too, what others publish of jobs does not. Null while one is being changed.
   */
  readonly digest: string | null
}

const MOST_SCHEDULES = 20_000

/** The texts of a folder of schedules and of the calendars in it, before anything is made of them. */
export type ScheduleTexts = {
  readonly folder: string
  readonly schedules: Folder
  readonly calendars: Folder
  /** Equal for texts and faults that are equal; null while a file is being changed. */
  readonly mark: string | null
}

/** Reads the files of a folder of schedules, which is quick; `schedulesIn` says what they mean. Never throws. */
export async function readScheduleTexts(folder: string): Promise<ScheduleTexts> {
  const schedules = await readYaml(folder, folder)
  const calendars = await readYaml(folder, join(folder, 'calendars'))
  return { folder, schedules, calendars, mark: markOf([schedules, calendars]) }
}

/**
 * Reads all schedule files (*.yml, *.yaml) of a folder, and those of calendars in its folder `calendars`; whatever is wrong is
 * said in the answer, never thrown.
 */
export const readScheduleFiles = async (folder: string, options: ReadingOptions = {}): Promise<ScheduleFiles> =>
  schedulesIn(await readScheduleTexts(folder), options)

/** What the texts of a folder say; whatever is wrong is said in the answer, never thrown. */
export function schedulesIn(found: ScheduleTexts, options: ReadingOptions = {}): ScheduleFiles {
  const { folder } = found
  const { listed, texts } = found.schedules
  const shown = basename(resolve(folder))
  const read = calendarsIn(found.calendars, shown)
  const [calendarFiles, calendars] = [read.files, options.calendars ?? read.calendars]
  if (listed.kind === 'none')
    return {
      schedules: [],
      faults: read.faults,
      unreadable: [noFiles(folder, listed)],
      files: [],
      calendarFiles,
      digest: null,
    }
  const results = texts.map(({ name, ...text }): Result => {
    const file = `${shown}/${name}`
    if (text.kind === 'fault') return refused(file, text.fault)
    return { file, ...readDefinitions(file, text.text, { ...options, calendars }) }
  })
  const gathered = gather(results)
  const own = digestOf(texts)
  const open = results.flatMap((result) => result.open)
  const digest = own === null || read.digest === null ? null : `${own}${read.digest}${broughtTo(open, options)}`
  return { ...gathered, faults: [...read.faults, ...gathered.faults], calendarFiles, digest }
}

type Result = ReadDefinitions & { readonly file: string }

/** Says whether a schedule that stands in no file any more is kept, because what should say so could not be read. */
export function isKept(
  unreadable: readonly Unreadable[],
  { name, source }: Pick<ScheduleDefinition, 'name' | 'source'>,
): boolean {
  const keeps = (one: Unreadable): boolean => {
    switch (one.kind) {
      case 'folder':
        return true
      case 'file':
        return one.file === source.file
      case 'schedule':
        return one.name === name
    }
  }
  return unreadable.some(keeps)
}

function noFiles(folder: string, { state, code }: Extract<Listed, { kind: 'none' }>): Unreadable {
  const what = { empty: 'holds no file *.yml', missing: 'does not exist', unreadable: `cannot be read (${code})` }[
    state
  ]
  return { kind: 'folder', state, reason: `${folder} ${what}; what was last applied stays in force` }
}

const refused = (file: string, message: string): Result => ({
  file,
  readable: false,
  schedules: [],
  faulty: [],
  faults: [{ file, line: 0, column: 0, message }],
  open: [],
})

type Gathered = Omit<ScheduleFiles, 'calendarFiles' | 'digest'>

function gather(results: readonly Result[]): Gathered {
  const found: readonly FaultySchedule[] = results.flatMap(({ schedules, faulty }) => [
    ...schedules.map(({ name, source, policies: { was } }) => ({
      name,
      ...source,
      ...(was === undefined ? {} : { was }),
    })),
    ...faulty,
  ])
  const refusals = [...doubledNames(found), ...takenNames(found)]
  const names = new Set(refusals.map(({ name }) => name))
  const good = results.flatMap((result) => result.schedules).filter(({ name }) => !names.has(name))
  const schedules = good.slice(0, MOST_SCHEDULES)
  const surplus = good.slice(MOST_SCHEDULES).map(({ source, name }) => ({ ...source, message: `${name}: ${TOO_MANY}` }))
  return {
    schedules,
    faults: [...results.flatMap((result) => result.faults), ...refusals.map(({ fault }) => fault), ...surplus],
    unreadable: unreadableOf(results, found, new Set(schedules.map(({ name }) => name))),
    files: results.map(({ file }) => file),
  }
}

const TOO_MANY = `expected at most ${MOST_SCHEDULES} schedules; put the others into an application of their own`

type Refusal = { readonly name: string; readonly fault: Fault }

/** A name in two places belongs to neither: what was last applied under it stays. */
function doubledNames(found: readonly FaultySchedule[]): readonly Refusal[] {
  const seen = new Map<string, string>()
  return found.flatMap(({ name, file, line, column }) => {
    const first = seen.get(name)
    if (first === undefined) seen.set(name, `${file}:${line}`)
    const message = `${name}: expected a name of its own, but ${first} has it too; rename one`
    return first === undefined ? [] : [{ name, fault: { file, line, column, message } }]
  })
}

/** A schedule cannot take over the name of one that is still there, nor one that another takes over too. */
function takenNames(found: readonly FaultySchedule[]): readonly Refusal[] {
  const declared = new Map(found.map((one) => [one.name, one]))
  const renamed = found.filter(({ name, was }) => was !== undefined && was !== name)
  const refusal = (one: FaultySchedule, why: string): Refusal => {
    const { name, was, file, line, column } = one
    const message = `${name}.was: expected a name that no schedule has any more, got ${excerpt(was)}, ${why}`
    return { name, fault: { file, line, column, message } }
  }
  const first = new Map([...renamed].reverse().map((one) => [one.was, one]))
  return renamed.flatMap((one) => {
    const holder = declared.get(one.was ?? '')
    if (holder !== undefined)
      return [refusal(one, `which ${holder.file}:${holder.line} still declares; remove it there, or leave was out`)]
    const rival = first.get(one.was)
    if (rival === undefined || rival === one) return []
    const where = `${rival.name} (${rival.file}:${rival.line})`
    return [
      refusal(one, `which ${where} takes over too; leave was out of one`),
      refusal(rival, `which ${one.name} takes over too`),
    ]
  })
}

/** A schedule that cannot be used keeps what stands under its name, and under the one it had. */
function unreadableOf(
  results: readonly Result[],
  found: readonly FaultySchedule[],
  sound: ReadonlySet<string>,
): readonly Unreadable[] {
  const files = results.filter(({ readable }) => !readable)
  const schedules = found.filter(({ name }) => !sound.has(name))
  const kept = schedules.flatMap(({ name, was, file }) => [
    { name, file, reason: `${name} is faulty` },
    ...(was === undefined || sound.has(was)
      ? []
      : [{ name: was, file, reason: `${name}, which it became, is faulty` }]),
  ])
  return [
    ...files.map(({ file }) => ({ kind: 'file', file, reason: `${file} cannot be used` }) as const),
    ...kept.map((one) => ({ kind: 'schedule', ...one }) as const),
  ]
}
