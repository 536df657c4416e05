import { createHash } from 'node:crypto'
import { constants, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** The names of the YAML files of a folder in order, or why there are none. */
export type Listed =
  | { readonly kind: 'files'; readonly names: readonly string[] }
  | { readonly kind: 'none'; readonly state: 'missing' | 'empty' | 'unreadable'; readonly code: string }

/** A file's text, or what is wrong with the file as a whole. */
export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  /** One that is `passing` may be gone at the next look. */
  | { readonly kind: 'fault'; readonly fault: string; readonly passing?: true }

/** A file of a folder by its name, and what came of reading it. */
export type NamedText = ReadText & { readonly name: string }

/** The YAML files of a folder with their texts, or why there are none. */
export type Folder = { readonly listed: Listed; readonly texts: readonly NamedText[] }

/** How many files of a folder are read, and how large a file may be. */
export const MOST_FILES = 1_000
export const MOST_BYTES = 1_048_576

/** Lists *.yml and *.yaml of a folder, without those that begin with a dot; never throws. */
export async function listYaml(folder: string): Promise<Listed> {
  try {
    // A folder with the name of a file is kept: containers make one where the file to be mounted is missing.
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/i.test(name)).sort()
    return names.length > 0 ? { kind: 'files', names } : { kind: 'none', state: 'empty', code: '' }
  } catch (error) {
    const code = codeOf(error)
    return { kind: 'none', state: code === 'ENOENT' ? 'missing' : 'unreadable', code }
  }
}

/** Reads files of a folder, all of which have to lie in `home`, one after the other; what is wrong is said in the answer. */
export async function readTexts(home: string, folder: string, names: readonly string[]): Promise<readonly NamedText[]> {
  const texts: NamedText[] = []
  for (const name of names.slice(0, MOST_FILES)) texts.push({ name, ...(await readInside(home, join(folder, name))) })
  const fault = `expected at most ${MOST_FILES} files in a folder; put more into one file`
  return [...texts, ...names.slice(MOST_FILES).map((name) => ({ name, kind: 'fault', fault }) as const)]
}

/** Lists and reads the YAML files of a folder, all of which have to lie in `home`; never throws. */
export async function readYaml(home: string, folder: string): Promise<Folder> {
  const listed = await listYaml(folder)
  return { listed, texts: listed.kind === 'none' ? [] : await readTexts(home, folder, listed.names) }
}

/** A hash of all that was found in folders, faults included; null while a file is being changed. */
export function markOf(folders: readonly Folder[]): string | null {
  if (folders.some(({ texts }) => texts.some((file) => file.kind === 'fault' && file.passing))) return null
  const sum = createHash('sha256')
  for (const { listed, texts } of folders) {
    sum.update(`${JSON.stringify(listed.kind === 'none' ? listed : texts.length)}\n`)
    for (const { name, ...read } of texts) {
      const said = read.kind === 'text' ? read.text : read.fault
      sum.update(`${JSON.stringify([name, read.kind, said.length])}\n${said}`)
    }
  }
  return sum.digest('hex').slice(0, 32)
}

async function readInside(home: string, path: string): Promise<ReadText> {
  try {
    const [inside, target] = [await realpath(home), await realpath(path)]
    if (!target.startsWith(inside.endsWith(sep) ? inside : inside + sep))
      return { kind: 'fault', fault: `expected a file in the folder, got a link that leaves it; copy the file` }
    // Without blocking: opening a pipe would wait for somebody to write into it.
    const handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK)
    return await readWhole(handle).finally(() => handle.close())
  } catch (error) {
    return { kind: 'fault', fault: `cannot be read (${codeOf(error)})` }
  }
}

type State = { readonly size: number; readonly mtimeMs: number; readonly isFile: () => boolean }

/** Reads an open file of at most 1 MiB as UTF-8, unless it changes meanwhile. Passes on what the system refuses. */
export async function readWhole(file: {
  readonly stat: () => Promise<State>
  readonly readFile: () => Promise<Uint8Array>
}): Promise<ReadText> {
  const before = await file.stat()
  if (!before.isFile()) return { kind: 'fault', fault: `expected a file, got a folder or something else` }
  if (before.size > MOST_BYTES) return { kind: 'fault', fault: `expected at most 1 MiB, got ${before.size} bytes` }
  const bytes = await file.readFile()
  const after = await file.stat()
  if (after.mtimeMs !== before.mtimeMs || after.size !== bytes.length)
    return { kind: 'fault', fault: `changed while it was read; it is read again at the next look`, passing: true }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { kind: 'fault', fault: `expected UTF-8 text, got other bytes` }
  }
}

/** A hash of files by name and text, in hexadecimal; null while one of them is being changed. */
export function digestOf(files: readonly NamedText[]): string | null {
  const sum = createHash('sha256')
  for (const file of files) {
    if (file.kind === 'fault' && file.passing) return null
    sum.update(`${JSON.stringify([file.name, file.kind === 'text' ? file.text : null])}\n`)
  }
  return sum.digest('hex').slice(0, 32)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
