import { constants, open, readdir, realpath } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import type { ScheduleDefinition } from './definition.ts'
import type { Fault, Place } from './fault.ts'
import { type ReadDefinitions, type ReadingOptions, readDefinitions } from './read-definitions.ts'

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
}

const MOST_FILES = 1_000
const MOST_BYTES = 1_048_576
const MOST_SCHEDULES = 20_000

/** Reads all schedule files (*.yml, *.yaml) of a folder; whatever is wrong is said in the answer, never thrown. */
export async function readScheduleFiles(folder: string, options: ReadingOptions = {}): Promise<ScheduleFiles> {
  const listed = await list(folder)
  if ('unreadable' in listed) return { schedules: [], faults: [], unreadable: [listed.unreadable], files: [] }
  const shown = basename(resolve(folder))
  const results: (ReadDefinitions & { readonly file: string })[] = []
  for (const name of listed.slice(0, MOST_FILES)) results.push(await readOne(folder, name, `${shown}/${name}`, options))
  for (const name of listed.slice(MOST_FILES))
    results.push(
      refused(`${shown}/${name}`, `expected at most ${MOST_FILES} files in a folder; put more schedules into one file`),
    )
  return gather(results)
}

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

/** The names of the schedule files of a folder in order, or why there are none. */
async function list(folder: string): Promise<readonly string[] | { readonly unreadable: Unreadable }> {
  const none = (state: 'missing' | 'empty' | 'unreadable', what: string): { readonly unreadable: Unreadable } => ({
    unreadable: { kind: 'folder', state, reason: `${folder} ${what}; what was last applied stays in force` },
  })
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory() && /^[^.].*\.ya?ml$/i.test(entry.name))
    return files.length > 0 ? files.map((entry) => entry.name).sort() : none('empty', 'holds no file *.yml')
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? none('missing', 'does not exist')
      : none('unreadable', `cannot be read (${codeOf(error)})`)
  }
}

async function readOne(
  folder: string,
  name: string,
  file: string,
  options: ReadingOptions,
): Promise<ReadDefinitions & { readonly file: string }> {
  try {
    const home = await realpath(folder)
    const target = await realpath(join(folder, name))
    if (!target.startsWith(home.endsWith(sep) ? home : home + sep))
      return refused(file, `expected a file in the folder, got a link that leaves it; copy the file`)
    const text = await textOf(target)
    return typeof text === 'string' ? { ...readDefinitions(file, text, options), file } : refused(file, text.fault)
  } catch (error) {
    return refused(file, `cannot be read (${codeOf(error)})`)
  }
}

async function textOf(path: string): Promise<string | { readonly fault: string }> {
  // Without blocking: opening a pipe would wait for somebody to write into it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const before = await handle.stat()
    if (!before.isFile()) return { fault: `expected a file, got something else` }
    if (before.size > MOST_BYTES) return { fault: `expected at most 1 MiB, got ${before.size} bytes` }
    const bytes = await handle.readFile()
    const after = await handle.stat()
    if (after.mtimeMs !== before.mtimeMs || after.size !== bytes.length)
      return { fault: `changed while it was read; it is read again at the next look` }
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return { fault: `expected UTF-8 text, got other bytes` }
    throw error
  } finally {
    await handle.close()
  }
}

const refused = (file: string, message: string): ReadDefinitions & { readonly file: string } => ({
  file,
  readable: false,
  schedules: [],
  faulty: [],
  faults: [{ file, line: 0, column: 0, message }],
})

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

type Found = Place & { readonly name: string }

function gather(results: readonly (ReadDefinitions & { readonly file: string })[]): ScheduleFiles {
  const found: readonly Found[] = results.flatMap(({ schedules, faulty }) => [
    ...schedules.map(({ name, source }) => ({ name, ...source })),
    ...faulty,
  ])
  const doubled = doubledNames(found)
  const names = new Set(doubled.map(({ name }) => name))
  const good = results.flatMap((result) => result.schedules).filter(({ name }) => !names.has(name))
  const schedules = good.slice(0, MOST_SCHEDULES)
  const surplus = good.slice(MOST_SCHEDULES).map(({ source, name }) => ({ ...source, message: `${name}: ${TOO_MANY}` }))
  return {
    schedules,
    faults: [...results.flatMap((result) => result.faults), ...doubled.map(({ fault }) => fault), ...surplus],
    unreadable: unreadableOf(results, found, new Set(schedules.map(({ name }) => name))),
    files: results.map(({ file }) => file),
  }
}

const TOO_MANY = `expected at most ${MOST_SCHEDULES} schedules; put the others into an application of their own`

/** A name in two places belongs to neither: what was last applied under it stays. */
function doubledNames(found: readonly Found[]): readonly { readonly name: string; readonly fault: Fault }[] {
  const seen = new Map<string, string>()
  return found.flatMap(({ name, file, line, column }) => {
    const first = seen.get(name)
    if (first === undefined) seen.set(name, `${file}:${line}`)
    const message = `${name}: expected a name of its own, but ${first} has it too; rename one`
    return first === undefined ? [] : [{ name, fault: { file, line, column, message } }]
  })
}

function unreadableOf(
  results: readonly (ReadDefinitions & { readonly file: string })[],
  found: readonly Found[],
  sound: ReadonlySet<string>,
): readonly Unreadable[] {
  const files = results.filter(({ readable }) => !readable)
  const schedules = found.filter(({ name }) => !sound.has(name))
  return [
    ...files.map(({ file }) => ({ kind: 'file', file, reason: `${file} cannot be used` }) as const),
    ...schedules.map(({ name, file }) => ({ kind: 'schedule', file, name, reason: `${name} is faulty` }) as const),
  ]
}
