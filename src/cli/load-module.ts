import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../config.ts'
import { MorrowError } from '../errors.ts'

type Module = Readonly<Record<string, unknown>>

const isTypeScript = (file: string): boolean => /\.[mc]?ts$/.test(extname(file))

/** Whether modules in TypeScript can be loaded in a folder: tsx is installed there, or Node does it by itself. */
export const canLoadTypeScript = (folder: string): boolean => findTsx(folder) !== undefined || nodeCan()

/**
 * Imports a module of the user's; one in TypeScript through tsx where that is installed beside it, else by Node itself where it can.
 * ConfigError says where a module that fails to load fails, or what to type where TypeScript cannot be loaded.
 */
export async function importModule(file: string): Promise<Module> {
  if (isTypeScript(file)) await prepare(file)
  const loaded = await loading(file, async () => (await import(pathToFileURL(file).href)) as Module)
  const { default: whole } = loaded
  // A CommonJS module that was compiled from ES syntax: what it exports lies one step deeper.
  return isCompiled(whole) ? whole : loaded
}

/** Lets code of the user's load; what it throws comes out as a ConfigError that says where, begun with `what`. */
export async function loading<Loaded>(what: string, load: () => Promise<Loaded>): Promise<Loaded> {
  let stuck: (error: Error) => void = () => undefined
  const idle = new Promise<never>((_, reject) => {
    stuck = reject
  })
  // Node would end here without a word when nothing is left that could settle what is waited for.
  const ending = (): void => stuck(new ConfigError([`${what} cannot be loaded: it waits for what never comes`]))
  process.once('beforeExit', ending)
  try {
    return await Promise.race([load(), idle])
  } catch (error) {
    // A job type that cannot be meant is a clear fault of its own.
    if (error instanceof MorrowError) throw error
    if (isOurs(error)) throw new ConfigError([`${what}: ${error.message}`])
    throw new ConfigError([`${what} cannot be loaded: ${whereOf(error)}`])
  } finally {
    process.off('beforeExit', ending)
  }
}

const isCompiled = (value: unknown): value is Module =>
  typeof value === 'object' && value !== null && '__esModule' in value

/** Beside CommonJS there may be a second copy of this package, whose errors are none of our classes. */
const isOurs = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^MORROW_/.test(String(error.code))

async function prepare(file: string): Promise<void> {
  const tsx = findTsx(join(file, '..'))
  if (tsx !== undefined) {
    await import(pathToFileURL(tsx).href)
  } else if (!nodeCan()) {
    throw new ConfigError([
      `${file}: this Node (${process.version}) cannot load TypeScript and tsx is not installed; type \`npm install tsx\`, or compile it and name the .js file with --config`,
    ])
  }
}

/** What `--import tsx` loads: it teaches a running process TypeScript. */
function findTsx(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'anything.js')).resolve('tsx')
  } catch {
    return undefined
  }
}

const nodeCan = (): boolean => Boolean(Reflect.get(process.features, 'typescript'))

/** The message of what a module threw, and the lines of its stack that lie in files of the user's. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const lines = (error.stack ?? error.message).split('\n')
  const own = lines.filter((line) => /^\s+at .*(file:|\/)/.test(line) && !/node:|node_modules/.test(line)).slice(0, 3)
  const place = /^(file:|\/)/.test(lines[0] ?? '') ? ` (${lines[0]})` : ''
  return [`${error.name}: ${error.message}${place}`, ...own].join('\n')
}
