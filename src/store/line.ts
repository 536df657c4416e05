import { newClient } from '../job/id.ts'
import { duration } from '../time/clock.ts'
import { accept, type Call, type Entered, isCounted, refuse, refuseCounted, type Waiting } from './call.ts'
import { type Doubts, openDoubts } from './doubts.ts'
import { bytesOf, type Entry, wire } from './entry.ts'
import { type Fault, faultOf, RedisUnavailableError } from './errors.ts'
import type { LineParts } from './line-parts.ts'
import { portions } from './portions.ts'
import { recall } from './recall.ts'
import type { Reply } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** A client's way into one queue. Calls are numbered and sent in order; the store takes each once, however often it is sent. */
export type Line = {
  /** Jobs of one turn of the loop travel as one call, which is settled before the earliest `until`. */
  enter(entry: Entry, until?: number): Promise<Entered>
  /** Closes for good what was given up: a call of unknown outcome is from now on stored or never. Rejects when it cannot. */
  closeOff(until?: number): Promise<void>
  /** Whether a job of unknown outcome was found to have been stored, also when it has gone since. */
  tookFor(client: string, sequence: number): boolean
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>
  close(): void
}

/** The word, the time, the number awaited next, what stood under own ids, and the number awaited before. */
type Answer = [kind: string, now: number, awaited: number, stood?: readonly string[], before?: number]

type State = LineParts & {
  readonly closing: AbortController
  /** Calls that are not settled, in order; what lies before the first is settled or given up. */
  readonly calls: Call[]
  waiting: Waiting[]
  /** By when the first of those that wait must be settled. */
  until: number
  readonly doubts: Doubts
  drained: (() => void)[]
  client: string
  next: number
  acknowledged: number
  usedAt: number
  usedOn: number
  watched: boolean
  /** Calls that were not carried out wait a little, together. */
  pausing: boolean
}

/** The store forgets a client that was silent for a day or more; one that was silent for half of that takes a new name first. */
const IDLE = 12 * 3_600_000
const AFTER_REFUSAL = duration(50)
const LOOK = 50

/** Opens a line; it sends while the connection is up, and repeats what was not answered when it comes back. */
export function openLine(parts: LineParts): Line {
  const state = begin(parts)
  const unready = parts.connection.onReady(() => {
    for (const call of [...state.calls]) send(state, call)
  })
  return {
    enter: (entry, until = Infinity) =>
      new Promise((resolve, reject) => {
        if (state.waiting.length === 0) setImmediate(flush, state)
        if (until < state.until) state.until = until
        const { at, own, record, apart, lane } = entry
        state.waiting.push({ at, own, record, apart, lane, resolve, reject })
      }),
    closeOff: (until) =>
      new Promise((resolve, reject) => place(state, [], until, (error) => (error ? reject(error) : resolve()))),
    tookFor: state.doubts.took,
    settled: () =>
      new Promise((resolve) => {
        state.drained.push(resolve)
        tellDrained(state)
      }),
    close: () => {
      unready()
      state.closing.abort()
    },
  }
}

function begin(parts: LineParts): State {
  return {
    ...parts,
    closing: new AbortController(),
    calls: [],
    waiting: [],
    until: Infinity,
    doubts: openDoubts(),
    drained: [],
    client: newClient(),
    next: 0,
    acknowledged: 0,
    usedAt: parts.clock.monotonic(),
    usedOn: parts.clock.now(),
    watched: false,
    pausing: false,
  }
}

function flush(state: State): void {
  const { waiting: entries, until } = state
  state.waiting = []
  state.until = Infinity
  if (state.calls.length === 0 && idleFor(state) > IDLE) {
    state.client = newClient()
    state.next = 0
    state.acknowledged = 0
  }
  for (const some of portions(entries, bytesOf)) place(state, some, until, () => {})
}

/** A host that was put to sleep counts no monotonic time meanwhile, its wall clock does. */
const idleFor = ({ clock, usedAt, usedOn }: State): number => Math.max(clock.monotonic() - usedAt, clock.now() - usedOn)

function place(state: State, entries: readonly Waiting[], until = Infinity, done: (error?: Error) => void): void {
  state.usedAt = state.clock.monotonic()
  state.usedOn = state.clock.now()
  const deadline = Math.min(state.usedAt + state.timeout, until)
  const { client, next: first } = state
  const patient = deadline - state.usedAt >= state.timeout / 2
  const call: Call = { client, first, entries, deadline, patient, done, doubts: 0, why: 'not connected', again: false }
  state.next += entries.length
  state.calls.push(call)
  send(state, call)
  void watch(state)
}

function send(state: State, call: Call): void {
  if (!state.connection.ready()) {
    call.again = true
    return
  }
  call.again = false
  call.doubts += 1
  const floor = state.calls[0]?.first ?? call.first
  const { client, first, entries } = call
  const { acknowledged, queue } = state
  const expected = (entries.some(isCounted) ? state.expected?.() : undefined) ?? ''
  const args = { now: state.now(), queue, client, first, count: entries.length, floor, expected }
  run(state.connection, scripts.enqueue, state.keys, { args, rest: wire(entries) })
    .then((reply) => answer(state, call, reply, acknowledged))
    .catch((error: unknown) => stumble(state, call, faultOf(error)))
}

async function answer(state: State, call: Call, reply: Reply, acknowledged: number): Promise<void> {
  const [kind, now, awaited, stood = [], before = awaited] = reply as Answer
  if (!state.calls.includes(call)) return
  if (before < acknowledged) noteLoss(state, before)
  if (kind === 'gap') return bridge(state, call)
  if (kind === 'leapt') return leap(state, call)
  state.acknowledged = Math.max(state.acknowledged, awaited)
  // Of a call that was known after several sendings, nobody knows what stood before the one that was taken.
  state.doubts.learn(call, kind === 'stored' || call.doubts === 1 ? before : 0)
  // It is taken, whatever becomes of the question that follows.
  call.doubts = Number.POSITIVE_INFINITY
  const recalled = kind === 'known' ? await recall(state, call) : undefined
  if (!state.calls.includes(call)) return
  accept(state.token, call, { now, stood, recalled })
  finish(state, call)
}

/** What had been acknowledged before a call was sent cannot be unknown when it arrives, but for a Redis that came back older. */
function noteLoss(state: State, before: number): void {
  if (before >= state.acknowledged) return
  state.onRolledBack(state.acknowledged - before)
  state.acknowledged = before
}

/** The store awaits an earlier call. When that is settled or given up here, this one says so by being sent again as the first. */
function bridge(state: State, call: Call): void {
  call.doubts -= 1
  call.again = true
  if (state.calls[0] === call) send(state, call)
}

/** What counts from now waits for another look at Redis' clock, and is refused while that is held; the rest goes on. */
async function leap(state: State, call: Call): Promise<void> {
  call.doubts -= 1
  call.why = 'its clock leaps'
  const held = await state.lookAtClock?.()
  if (!state.calls.includes(call)) return
  // Of a sending that may yet be carried out, all jobs have their numbers.
  if (held && (call.doubts > 0 || refuseCounted(call, held) === 0)) return fail(state, call, held)
  send(state, call)
}

async function stumble(state: State, call: Call, fault: Fault): Promise<void> {
  if (!state.calls.includes(call)) return
  if (fault.kind !== 'unknown') call.doubts -= 1
  if (fault.kind === 'refused') return fail(state, call, fault.error)
  if (fault.kind !== 'unsent') call.why = fault.detail
  call.again = true
  if (state.pausing) return
  state.pausing = true
  await state.clock.sleep(AFTER_REFUSAL, state.closing.signal)
  state.pausing = false
  for (const each of state.calls.filter(({ again }) => again)) send(state, each)
}

async function watch(state: State): Promise<void> {
  if (state.watched) return
  state.watched = true
  while (state.calls[0] && !state.closing.signal.aborted) {
    // A later call may have less time than the first.
    const rest = Math.min(state.calls[0].deadline - state.clock.monotonic() + 1, LOOK)
    if (rest > 0) await state.clock.sleep(duration(rest), state.closing.signal)
    for (const call of state.calls.filter((each) => each.deadline <= state.clock.monotonic())) expire(state, call)
  }
  state.watched = false
}

/** A reply that does not come in time casts doubt on the socket too. */
function expire(state: State, call: Call): void {
  if (call.doubts > 0 && call.patient && state.connection.ready()) state.connection.reset()
  fail(state, call, new RedisUnavailableError(call.why))
}

function fail(state: State, call: Call, error: Error): void {
  if (call.doubts > 0) state.doubts.note(call)
  refuse(state.token, call, error)
  finish(state, call, error)
}

function finish(state: State, call: Call, error?: Error): void {
  const index = state.calls.indexOf(call)
  if (index < 0) return
  state.calls.splice(index, 1)
  call.done(error)
  if (index === 0) for (const each of state.calls.filter(({ again }) => again)) send(state, each)
  tellDrained(state)
}

function tellDrained(state: State): void {
  if (state.calls.length > 0 || state.waiting.length > 0) return
  for (const done of state.drained.splice(0)) done()
}
