import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { defineJob } from '../../../src/index.ts'

/** What the handler of `note` does: nothing, rest, block the loop, wait for its signal, or enqueue others. */
export const note = defineJob({
  name: 'note',
  queue: 'notes',
  payload: z.object({
    label: z.string(),
    rests: z.number().default(0),
    blocks: z.number().default(0),
    /** Waits for its signal, or for a file beside the ledger. */
    waits: z.boolean().default(false),
    /** Enqueues so many jobs of its own kind, each labelled with its own label and a number. */
    spawns: z.number().default(0),
  }),
})

const ledger = process.env['LEDGER'] ?? ''

/** One line a step; a line of this length is appended whole by the system. */
const write = (...words: readonly unknown[]): void => appendFileSync(ledger, `${words.join(' ')}\n`)

/** The clock of this machine, which Redis has too, whatever a preloaded module made of Date.now. */
const trueNow = (): number => ((Reflect.get(globalThis, 'trueNow') as (() => number) | undefined) ?? Date.now)()

/** The handler of `note`: writes `start` and `end`, each with label, attempt, fence, process, and ms after it was due. */
export const noteHandler = note.handle(async ({ label, rests, blocks, waits, spawns }, context) => {
  const { attempt, fence, dueAt, client, signal } = context
  const about = [label, attempt, fence, process.pid]
  write('start', ...about, trueNow() - dueAt.getTime())
  if (blocks > 0) block(blocks)
  if (rests > 0) await pause(rests)
  while (waits && !signal.aborted && !existsSync(`${ledger}.go`)) await pause(20)
  await Promise.all(Array.from({ length: spawns }, (_, n) => client.enqueue(note, { label: `${label}.${n}` })))
  write(signal.aborted ? 'aborted' : 'end', ...about)
})

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) readFileSync(ledger)
}
