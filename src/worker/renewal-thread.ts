import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { loop } from '../lifecycle/loop.ts'
import { type Connection, createConnection } from '../store/connection.ts'
import { isNewerLayout, type Renewed, renewLease } from '../store/lease.ts'
import { type Duration, duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import type { RenewalNews, RenewalOrder, RenewalStart } from './renewal.ts'

const { settings, lease, maxBlock, flagless, layout, beat } = workerData as RenewalStart
const counter = new Int32Array(beat)
const busy = new Map<string, RenewalOrder>()
/** However long the lease: one that ended while nobody looked stands for 25 s more, to be renewed. */
const third = duration(Math.min(lease, maxBlock, 60_000) / 3)
/** So much later than meant a look may come on a busy machine, in milliseconds. */
const FROZEN = 2_000

let connection: Connection | undefined
let beats = -1
let beatAt = systemClock.monotonic()
let lookedAt = beatAt

parentPort?.on('message', (order: RenewalOrder) => {
  if (order.busy) busy.set(order.owner, order)
  else busy.delete(order.owner)
})

/** A main loop that is silent for too long is taken for dead: its leases run out, and the process ends before they do harm. */
function watchMain(): boolean {
  const now = systemClock.monotonic()
  const beat = Atomics.load(counter, 0)
  // A thread that slept too long itself was frozen with its process: that says nothing about the main loop.
  if (beat !== beats || now - lookedAt > 2 * third + FROZEN) beatAt = now
  beats = beat
  lookedAt = now
  return now - beatAt <= maxBlock
}

async function renew(): Promise<Duration> {
  if (!watchMain()) {
    // What a thread writes to a stream goes through the main loop, which is silent.
    writeSync(2, `morrow: the main loop was silent for ${maxBlock} ms, so this process ends itself\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  if (busy.size === 0) return third
  if (!connection) {
    connection = createConnection(settings, { name: 'morrow-renewal', timeout: 2_000, flagless })
    await connection.connect().catch((error: unknown) => {
      connection = undefined
      throw error
    })
  }
  // What runs here cannot be settled by this release: that of the newer layout takes it.
  const isOver = await isNewerLayout(connection, layout)
  for (const { keys, owner } of [...busy.values()]) {
    const answer: Renewed = isOver ? { kind: 'lost' } : await renewLease(connection, keys, owner, lease)
    if (answer.kind === 'renewed' || busy.delete(owner)) say({ ...answer, owner })
  }
  return third
}

const say = (news: RenewalNews): void => parentPort?.postMessage(news)

say({ kind: 'ready' })
await loop({ tick: renew, clock: systemClock, signal: new AbortController().signal, onError: () => undefined })
