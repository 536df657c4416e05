import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { excerpt } from '../errors.ts'
import { listYaml } from '../schedule/folder.ts'
import { usageError } from './exit.ts'

const run = promisify(execFile)

/** A folder is at most so many MiB of files, all of which pass through one call. */
const MOST_BYTES = 2 ** 26

/**
 * Lets `use` read the schedule files as they stand in another folder, or in a commit of git; what is laid out for that is gone
 * afterwards. An error of use where it is neither.
 */
export async function withFilesOf<Answer>(
  against: string,
  folder: string,
  use: (folder: string) => Promise<Answer>,
): Promise<Answer> {
  if (existsSync(against) && statSync(against).isDirectory()) return use(await folderIn(against, folder))
  const commit = await commitOf(against)
  const made = mkdtempSync(join(tmpdir(), 'morrow-plan-'))
  try {
    // Its name is that of the folder, so that files have the same names in both.
    const laidOut = join(made, basename(resolve(folder)))
    await layOut(commit, folder, laidOut)
    return await use(laidOut)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** The folder of schedule files itself, or another checkout of the project that has one of the same name. */
async function folderIn(against: string, folder: string): Promise<string> {
  const inside = join(against, relative(process.cwd(), resolve(folder)))
  const own = await listYaml(against)
  return own.kind === 'none' && existsSync(inside) ? inside : against
}

async function commitOf(ref: string): Promise<string> {
  try {
    return (await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)).trim()
  } catch (error) {
    const why = isMissing(error) ? 'and there is no git here' : 'which is neither'
    throw usageError(`--against: expected a git ref or a folder, got ${excerpt(ref)}, ${why}`)
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Writes the YAML files that a commit has in a folder, and those of its calendars; links stay links. */
async function layOut(commit: string, folder: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true })
  const path = relative(process.cwd(), resolve(folder)) || '.'
  const listed = await git('ls-tree', '-r', '-z', commit, '--', path)
  const rows = listed.split('\0').flatMap((row) => {
    const [head = '', bytes = ''] = row.split('\t')
    const name = Buffer.from(bytes, 'latin1').toString()
    const [mode = '', kind = '', hash = ''] = head.split(' ')
    const within = relative(path, name).split(sep).join('/')
    return kind === 'blob' && /^(calendars\/)?[^/]+\.ya?ml$/i.test(within) ? [{ mode, hash, within }] : []
  })
  for (const { mode, hash, within } of rows) {
    const target = join(to, within)
    const text = await git('cat-file', 'blob', hash)
    mkdirSync(dirname(target), { recursive: true })
    if (mode === '120000') symlinkSync(text, target)
    else writeFileSync(target, text, 'latin1')
  }
}

async function git(...words: readonly string[]): Promise<string> {
  const { stdout } = await run('git', [...words], { maxBuffer: MOST_BYTES, encoding: 'latin1' })
  return stdout
}
