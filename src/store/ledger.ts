import { decodeEntry, type LedgerEntry } from '../schedule/ledger.ts'
import { queueKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply, word } from './reply.ts'
import { run, runForBytes } from './script.ts'
import { scripts } from './scripts.ts'
import type { Home } from './stored-schedule.ts'

/** What a page of a ledger says; `texts` tells what the numbers in it stand for. */
export type LedgerPage = {
  readonly total: number
  readonly entries: readonly LedgerEntry[]
  readonly texts: ReadonlyMap<number, string>
  /** Definitions by version. */
  readonly definitions: ReadonlyMap<string, string>
}

/** What a queue keeps of a ledger. */
export type LedgerBounds = { readonly keep: number; readonly oldest: number; readonly tail: number }

/** Reads entries of a ledger, oldest first, and what the numbers in them stand for. */
export async function readLedger(
  parts: StoreParts,
  { id, queue }: Home,
  from: number,
  to: number,
): Promise<LedgerPage> {
  const keys = queueKeys(parts.prefix, queue)
  const reply = await runForBytes(parts.connection, scripts.history, keys, { args: { id, from, to } })
  const told = part(reply, 2) as readonly Buffer[]
  const numbers = new Map<number, string>()
  const version = String(part(reply, 3))
  const definitions = new Map(version === '' ? [] : [[version, String(part(reply, 4))]])
  for (let index = 0; index < told.length; index += 2) {
    const [text, value] = [String(told[index]), String(told[index + 1])]
    if (text.startsWith('=')) definitions.set(text.slice(1), value)
    else if (text !== '#') numbers.set(Number(value), text)
  }
  const entries = (part(reply, 1) as readonly Buffer[]).map(decodeEntry).filter((entry) => entry !== null)
  return { total: Number(part(reply, 0)), entries, texts: numbers, definitions }
}

/** Folds and bounds a ledger, some entries in a call; answers how many are left, -1 when nothing is left of a schedule that was in force once. */
export async function foldLedger(
  { connection, prefix }: StoreParts,
  home: Home,
  bounds: LedgerBounds,
): Promise<number> {
  const keys = queueKeys(prefix, home.queue)
  let left = 0
  for (let at: Reply = 0; at !== ''; ) {
    const reply = await run(connection, scripts.fold, keys, { args: { ...bounds, id: home.id, at: Number(at) } })
    left = Number(part(reply, 0))
    at = part(reply, 1)
  }
  return word(await run(connection, scripts.retell, keys, { args: { id: home.id, gone: 0 } })) === 'empty' ? -1 : left
}

/** Removes what is kept of a schedule of which nothing is left; false when it has come back meanwhile. */
export async function forgetLedger({ connection, prefix }: StoreParts, { id, queue }: Home): Promise<boolean> {
  const reply = await run(connection, scripts.retell, queueKeys(prefix, queue), { args: { id, gone: 1 } })
  return word(reply) === 'gone'
}
