import { Worker as Thread } from 'node:worker_threads'
import type { RedisSettings } from '../store/connection.ts'
import type { LeaseKeys, Renewed } from '../store/lease.ts'
import { type Clock, type Duration, duration } from '../time/clock.ts'

/** Keeps leases alive from a thread of its own, so that a handler that blocks the main loop loses nothing. */
export type Renewal = {
  /** Starts the thread and the beat of the main loop; resolves when the thread runs. */
  start(): Promise<void>
  /** An owner has jobs under its lease now, or has none any more. */
  watch(keys: LeaseKeys, owner: string, busy: boolean): void
  close(): Promise<void>
}

export type RenewalParts = {
  readonly settings: RedisSettings
  readonly clock: Clock
  readonly lease: Duration
  /** A process whose main loop is silent for this long ends itself. */
  readonly maxBlock: Duration
  readonly flagless: boolean
  /** The key under which the layout of the namespace stands. */
  readonly layout: string
  readonly onLost: (owner: string) => void
  /** The lease of an owner holds until then; `noted`: jobs that run in its queue are cancelled. */
  readonly onRenewed: (owner: string, until: number, noted: boolean) => void
  /** The thread ended with this fault and was started anew. */
  readonly onFault: (error: unknown) => void
}

/** What the thread is told at its start. `beat` is shared: the main loop counts it up. */
export type RenewalStart = {
  readonly settings: RedisSettings
  readonly lease: number
  readonly maxBlock: number
  readonly flagless: boolean
  readonly layout: string
  readonly beat: SharedArrayBuffer
}

/** What the thread is told later. */
export type RenewalOrder = { readonly keys: LeaseKeys; readonly owner: string; readonly busy: boolean }

/** What the thread says. */
export type RenewalNews = { readonly kind: 'ready' } | (Renewed & { readonly owner: string })

const BEAT = duration(500)
/** A thread that could not be started is tried again after this long. */
const AGAIN = duration(1_000)

/** Prepares the thread; once started, it connects by itself when a lease is a third over. */
export function openRenewal(parts: RenewalParts): Renewal {
  const beat = new SharedArrayBuffer(4)
  const counter = new Int32Array(beat)
  const { settings, lease, maxBlock, flagless, layout, clock } = parts
  const told: RenewalStart = { settings, lease, maxBlock, flagless, layout, beat }
  const busy = new Map<string, LeaseKeys>()
  let thread: Thread | undefined
  const begin = (): Promise<void> => {
    const begun = threadOf(told)
    thread = begun
    begun.unref()
    for (const [owner, keys] of busy) begun.postMessage({ keys, owner, busy: true } satisfies RenewalOrder)
    return running(begun, parts, again)
  }
  const closing = new AbortController()
  const again = (): void => {
    if (closing.signal.aborted) return
    begin().catch((error: unknown) => {
      parts.onFault(error)
      void clock.sleep(AGAIN, closing.signal).then(again)
    })
  }
  return {
    start: async () => {
      void beating(counter, clock, closing.signal)
      await begin()
    },
    watch: ({ leases, cancels }, owner, isBusy) => {
      if (busy.has(owner) === isBusy) return
      const keys = { leases, cancels }
      if (isBusy) busy.set(owner, keys)
      else busy.delete(owner)
      thread?.postMessage({ keys, owner, busy: isBusy } satisfies RenewalOrder)
    },
    close: async () => {
      closing.abort()
      await thread?.terminate()
    },
  }
}

/** Resolves when the thread runs, or has been ended; a fault after that is told, and `again` called. */
function running(thread: Thread, { onLost, onRenewed, onFault }: RenewalParts, again: () => void): Promise<void> {
  let runs = false
  return new Promise((resolve, reject) => {
    thread.on('message', (news: RenewalNews) => {
      if (news.kind === 'lost') return onLost(news.owner)
      if (news.kind === 'renewed') return onRenewed(news.owner, news.until, news.noted)
      runs = true
      resolve()
    })
    thread.once('exit', () => resolve())
    thread.once('error', (error) => {
      if (!runs) return reject(error)
      onFault(error)
      again()
    })
  })
}

/** The main loop says that it turns, for as long as it does. */
async function beating(counter: Int32Array, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    Atomics.add(counter, 0, 1)
    await clock.sleep(BEAT, signal)
  }
}

/** From source, the thread needs the loader that the main loop has: Node 20 hands it on to no thread. */
function threadOf(workerData: RenewalStart): Thread {
  const name = 'lease renewal'
  if (!import.meta.url.endsWith('.ts')) {
    return new Thread(new URL('./renewal-thread.js', import.meta.url), { workerData, name })
  }
  const url = JSON.stringify(new URL('./renewal-thread.ts', import.meta.url).href)
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const load = `import(${api}).then(({ register }) => { register(); return import(${url}) })`
  return new Thread(load, { workerData, name, eval: true })
}
