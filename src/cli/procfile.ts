import { ConfigError } from '../config.ts'
import { excerpt } from '../errors.ts'

/** One process type of a Procfile, taken apart as far as no shell is needed. */
export type ProcessType = {
  readonly name: string
  /** A `$` that no variable is meant by has a backslash before it, here and in `env`. */
  readonly words: readonly string[]
  /** Variables that stand before the command: `NODE_ENV=test node …`. */
  readonly env: Readonly<Record<string, string>>
}

/** Reads a Procfile; ConfigError with every fault and its line. */
export function parseProcfile(text: string, file = 'Procfile'): readonly ProcessType[] {
  const faults: string[] = []
  const types = text.split('\n').flatMap((raw, index): readonly ProcessType[] => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return []
    const [, name, command] = /^([A-Za-z][\w-]*)\s*:\s*(\S.*)$/.exec(line) ?? []
    if (name === undefined || command === undefined) {
      faults.push(`${file}:${index + 1}: expected name: command, got ${excerpt(line)}`)
      return []
    }
    const found = wordsOf(command)
    const type = typeof found === 'string' ? found : processType(name, found)
    if (typeof type !== 'string') return [type]
    faults.push(`${file}:${index + 1}: ${type}`)
    return []
  })
  const doubled = types.find(({ name }, index) => types.findIndex((other) => other.name === name) < index)
  if (doubled !== undefined) faults.push(`${file}: ${doubled.name} stands twice; give one another name`)
  if (faults.length > 0) throw new ConfigError(faults)
  return types
}

function processType(name: string, words: readonly string[]): ProcessType | string {
  const isAssignment = (word: string): boolean => /^[A-Za-z_]\w*=/.test(word)
  const first = words.findIndex((word) => !isAssignment(word))
  const command = words.slice(first === -1 ? words.length : first)
  const env = words.slice(0, words.length - command.length).map((word) => {
    const cut = word.indexOf('=')
    return [word.slice(0, cut), word.slice(cut + 1)] as const
  })
  const run = command[0] === 'exec' ? command.slice(1) : command
  if (!run[0]) return `expected a command for ${name}, got ${excerpt(words.join(' '))}`
  return { name, words: run, env: Object.fromEntries(env) }
}

/** The words of a command with its quotes taken away; a text says what only a shell could do. */
function wordsOf(command: string): readonly string[] | string {
  const words: string[] = []
  const token = /\s+|'([^']*)'|"([^"]*)"|\\(.)|([^\s'"\\]+)/gy
  let word: string | undefined
  let end = 0
  for (const [all, single, double, escaped, plain] of command.matchAll(token)) {
    end += all.length
    const piece = (single ?? escaped)?.replaceAll('$', '\\$') ?? double ?? plain
    const shell = /[|&;<>`]|\$\(|\$\{(?!\w+\})/.exec(single === undefined && escaped === undefined ? (piece ?? '') : '')
    if (shell !== null) {
      return `expected a command that needs no shell, got '${shell[0]}' in ${excerpt(command)}; put it into a script`
    }
    if (piece !== undefined) word = (word ?? '') + piece
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (end < command.length) return `expected every quote to be closed, got ${excerpt(command)}`
  return word === undefined ? words : [...words, word]
}

/** How many processes of each type: `worker=2,scheduler=1`; ConfigError for a type that the Procfile has not. */
export function parseFormation(text: string, types: readonly ProcessType[]): ReadonlyMap<string, number> {
  const faults: string[] = []
  const entries = text.split(',').flatMap((part) => {
    const [, name, count] = /^\s*([A-Za-z][\w-]*)\s*=\s*(\d{1,3})\s*$/.exec(part) ?? []
    if (name !== undefined && types.some((type) => type.name === name)) return [[name, Number(count)] as const]
    const known = types.map((type) => type.name).join(', ')
    faults.push(`--formation: expected type=number with a type of the Procfile (${known}), got ${excerpt(part)}`)
    return []
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return new Map(entries)
}
