import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import type { Emit } from '../job/events.ts'
import { loop } from '../lifecycle/loop.ts'
import { FARTHEST_CLOCK } from '../store/clock-watch.ts'
import { openPresence, type Presence, type PresenceNews } from '../store/presence.ts'
import type { ProcessCard } from '../store/registry.ts'
import type { Store } from '../store/store.ts'
import { systemClock } from '../time/system-clock.ts'
import { TZ_DATA, VERSION } from './version.ts'

/** What a process says of itself beside what every process says. */
export type CardDetails = Pick<ProcessCard, 'roles' | 'queues' | 'names' | 'catalogue'> & {
  running(): number
  /** The generation of the schedule files that it has, once it knows. */
  generation?(): string
}

/** An id that no host name and no pid can repeat. */
export const processId = (): string => randomBytes(10).toString('hex')

/** A process as people look for it: its host and pid, and the beginning of its id. */
export const processName = (id: string): string => `${hostname()}:${process.pid}:${id.slice(0, 6)}`

/** The presence of this process in a namespace. */
export function presenceOf(
  store: Store,
  config: Config,
  emit: Emit,
  given: { readonly id: string; readonly details: CardDetails },
): Presence {
  const { id, details } = given
  const identity = {
    id,
    host: hostname(),
    pid: process.pid,
    version: VERSION,
    environment: config.environment,
    startedAt: systemClock.now(),
    tz: TZ_DATA,
    clockAhead: 0,
  }
  const card = (): ProcessCard => ({
    ...identity,
    ...details,
    running: details.running(),
    generation: details.generation?.() ?? '',
  })
  const moves = details.roles.some((role) => role !== 'web')
  return openPresence({ store, clock: systemClock, card, moves, tell: telling(emit) })
}

/** Keeps a web process among the living from its first connection on; answers how to end that. */
export function livingPage(store: () => Promise<Store>, config: Config, emit: Emit): () => Promise<void> {
  const details = { roles: ['web'], queues: [], names: [], catalogue: {}, running: () => 0 }
  const ending = new AbortController()
  const id = processId()
  let presence: Presence | undefined
  const tick = async () => {
    presence ??= presenceOf(await store(), config, emit, { id, details })
    return presence.tick()
  }
  const onError = (error: unknown): void => emit({ kind: 'error', doing: 'saying that this process lives', error })
  const living = loop({ tick, clock: systemClock, signal: ending.signal, onError })
  return async () => {
    ending.abort()
    await living
    await presence?.leave().catch(() => undefined)
  }
}

const telling =
  (emit: Emit) =>
  (news: PresenceNews): void => {
    switch (news.kind) {
      case 'environment':
        emit({ kind: 'environment.tookOver', environment: news.environment, from: news.from })
        break
      case 'clock':
        if (news.held) emit({ kind: 'clock.held', apartMs: news.apart })
        else emit({ kind: 'clock.released', by: Math.abs(news.apart) > FARTHEST_CLOCK ? 'person' : 'agreement' })
        break
      case 'unserved':
        for (const { text, line } of news.unserved) emit({ kind: 'nobody.serves', text, line })
    }
  }
