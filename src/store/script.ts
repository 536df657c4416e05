import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Connection } from './connection.ts'
import type { QueueKeys } from './keys.ts'
import type { Reply } from './reply.ts'

/** A Lua script of ours: its name is its arrow, its keys and arguments are named as in its first lines. */
export type Script<Key extends string = keyof QueueKeys, Arg extends string = string> = {
  readonly name: string
  readonly keys: readonly Key[]
  readonly args: readonly Arg[]
  readonly text: string
  readonly sha: string
  /** The same without the line of flags, for servers that do not know it. */
  readonly flagless: string
}

/** What a script is called with: its arguments by name, and a tail for those that take many jobs. */
export type ScriptCall<Arg extends string> = {
  readonly args: Readonly<Record<Arg, string | number>>
  readonly rest?: readonly string[]
}

const read = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
const records = read('record')
const lanes = read('lanes')
const row = read('row')
const noted = read('noted')
const schedules = read('schedule')
const ticks = read('tick')

/** Reads a script and puts the prelude before it; keys and arguments stand in the order of its first lines. */
export const defineScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(records, name, keys, args)

/** Like `defineScript`, for what takes from `ready`: the prelude that says which lane is next comes after the other. */
export const defineRowScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(`${records}${row}`, name, keys, args)

/** Like `defineScript`, for the arrows into `ready`: the prelude that says what a lane is comes after the other. */
export const defineLaneScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(`${records}${lanes}`, name, keys, args)

/** Like `defineLaneScript`, for the arrows by which a job that runs leaves its worker unended: it may be noted as cancelled. */
export const defineNotedScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(`${records}${lanes}${noted}`, name, keys, args)

/** Like `defineLaneScript`, for the arrows of schedules: the prelude that they share comes after the others. */
export const defineScheduleScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(`${records}${lanes}${schedules}`, name, keys, args)

/** Like `defineScheduleScript`, for the arrow that makes ticks: one more prelude says what becomes of one. */
export const defineTickScript = <const Key extends string, const Arg extends string>(
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> => define(`${records}${lanes}${schedules}${ticks}`, name, keys, args)

function define<const Key extends string, const Arg extends string>(
  prelude: string,
  name: string,
  keys: readonly Key[],
  args: readonly Arg[],
): Script<Key, Arg> {
  const body = read(name)
  const end = body.indexOf('\n')
  const flagless = `${prelude}${body.slice(end + 1)}`
  const text = `${body.slice(0, end)}\n${flagless}`
  return { name, keys, args, text, flagless, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script by its hash; a server that does not hold it (any more) is sent its text. */
export async function run<Key extends keyof QueueKeys, Arg extends string>(
  redis: Connection,
  script: Script<Key, Arg>,
  keys: QueueKeys,
  call: ScriptCall<Arg>,
): Promise<Reply> {
  return runOn(
    redis,
    script,
    script.keys.map((key) => keys[key]),
    call,
  )
}

/** Like `run`, for one who has the keys themselves, in the order of the script. */
export async function runOn<Key extends string, Arg extends string>(
  redis: Connection,
  script: Script<Key, Arg>,
  keys: readonly string[],
  call: ScriptCall<Arg>,
): Promise<Reply> {
  const values = parameters(script, keys, call)
  const known = await redis.evalsha(script.sha, script.keys.length, values).catch(unlessMissing)
  return known === MISSING ? await redis.eval(script, script.keys.length, values) : known
}

/** Like `run`, with every text of the answer as bytes. */
export async function runForBytes<Key extends keyof QueueKeys, Arg extends string>(
  redis: Connection,
  script: Script<Key, Arg>,
  keys: QueueKeys,
  call: ScriptCall<Arg>,
): Promise<Reply> {
  const values = parameters(
    script,
    script.keys.map((key) => keys[key]),
    call,
  )
  const known = await redis.evalshaBuffer(script.sha, script.keys.length, values).catch(unlessMissing)
  return known === MISSING ? await redis.evalBuffer(script, script.keys.length, values) : known
}

const MISSING = Symbol('the server does not hold the script')

function unlessMissing(error: unknown): typeof MISSING {
  if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return MISSING
  throw error
}

function parameters<Key extends string, Arg extends string>(
  script: Script<Key, Arg>,
  keys: readonly string[],
  call: ScriptCall<Arg>,
): string[] {
  const values: string[] = [...keys]
  for (const name of script.args) values.push(String(call.args[name]))
  if (call.rest) for (const value of call.rest) values.push(value)
  return values
}
