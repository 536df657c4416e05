import assert from 'node:assert/strict'
import { pageOf } from '../../src/job/id.ts'
import { NORMAL, priorityIn } from '../../src/job/priority.ts'
import type { ClaimedJob } from '../../src/store/claimed-job.ts'
import { part, type Reply, word } from '../../src/store/reply.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { duration } from '../../src/time/clock.ts'
import { type SelectionStep, takeSelection } from './model-selection.ts'
import { admit, tick } from './model-ticks.ts'
import type { Places } from './places.ts'
import { KEEP_NOTHING, type Seed, type TestQueue } from './test-queue.ts'

/** One random step; `pick` chooses among what there is at that moment. */
export type Step =
  | {
      readonly kind: 'enqueue'
      readonly client: number
      readonly jobs: readonly { readonly in: number; readonly known: boolean; readonly priority: number }[]
    }
  | { readonly kind: 'claim'; readonly owner: number; readonly limit: number; readonly names: boolean }
  | {
      readonly kind: 'settle'
      readonly how: 'complete' | 'discard' | 'retry' | 'snooze' | 'bury' | 'handBack'
      readonly owner: number
      readonly picks: readonly number[]
    }
  | SelectionStep
  | { readonly kind: 'cancel' | 'revive' | 'purge'; readonly pick: number }
  | { readonly kind: 'reschedule'; readonly pick: number; readonly in: number }
  | { readonly kind: 'resend' | 'promote' | 'reclaim' | 'release' | 'giveUp' | 'prune' }
  | { readonly kind: 'tick'; readonly policy: number }
  | { readonly kind: 'admit' }
  | { readonly kind: 'pause'; readonly lasts: number | null; readonly all: boolean }
  | { readonly kind: 'resume'; readonly all: boolean }
  | { readonly kind: 'wait'; readonly by: number }

type Place = keyof Places | 'gone'

/** A job as the model remembers it. */
export type Job = {
  readonly label: string
  readonly name: string
  readonly page: string
  readonly slot: number
  place: Place
  due: number
  claim: number
  failures: number
  interruptions: number
  owner: string
  heldAt: number
  priority: number
  /** It runs and is cancelled: however it leaves its worker unended, it ends so. */
  noted?: boolean
  /** Of a job that a schedule made: the number of the schedule's overlap policy. */
  readonly policy?: number
}

type Owner = { readonly name: string; call: number; leaseEnds: number; generation: number }

/** The plain memory of what the store should hold, and the hands that still hold claimed jobs, stale ones included. */
export type Model = {
  readonly jobs: Map<string, Job>
  readonly owners: Owner[]
  /** Names that owners had before their lease ended, each with the jobs that reclaim has not come by yet. */
  readonly former: { readonly name: string; leaseEnds: number }[]
  readonly hands: ClaimedJob[]
  readonly next: number[]
  /** Until when the queue stands still by itself, and with everything. */
  readonly paused: [own: number, all: number]
  time: number
  last: (() => Promise<Reply>) | undefined
}

const LEASE = 15_000
const CRASHES = 3
/** A lease that ended so long ago may be renewed first, for so long. */
const UNSEEN = 10_000
const CHANCE = 25_000
const PATIENCE = 20_000
const CLIENTS = ['a', 'b'].map((letter) => letter.repeat(16))

/** A model of an empty queue. */
export const emptyModel = (): Model => ({
  jobs: new Map(),
  owners: [0, 1, 2].map((number) => ({ name: `w${number}`, call: 0, leaseEnds: -1, generation: 0 })),
  former: [],
  hands: [],
  next: CLIENTS.map(() => 0),
  paused: [0, 0],
  time: 0,
  last: undefined,
})

const nameOf = ({ name, generation }: Owner): string => `${name}.${generation}`

/** Takes one step in the store and in the model, and compares what the store answers. */
export async function take(step: Step, model: Model, queue: TestQueue): Promise<void> {
  switch (step.kind) {
    case 'enqueue':
      return enqueue(step, model, queue)
    case 'claim':
      return claim(step, model, queue)
    case 'settle':
      return settle(step, model, queue)
    case 'select':
    case 'run':
    case 'update':
    case 'shift':
      return takeSelection(step, model, queue)
    case 'cancel':
    case 'revive':
    case 'purge':
    case 'reschedule':
      return steer(step, model, queue)
    case 'resend':
      if (model.last) assert.match(word(await model.last()), /^known$/)
      return
    case 'tick':
      return tick(step.policy, model, queue)
    case 'admit':
      return admit(model, queue)
    case 'pause':
    case 'resume':
      return stand(step, model, queue)
    case 'wait':
      model.time += step.by
      return queue.at(model.time)
    case 'promote':
    case 'reclaim':
    case 'release':
    case 'giveUp':
    case 'prune':
      return keep(step.kind, model, queue)
  }
}

async function enqueue(
  { client, jobs }: Extract<Step, { kind: 'enqueue' }>,
  model: Model,
  queue: TestQueue,
): Promise<void> {
  const name = CLIENTS[client] ?? ''
  const first = model.next[client] ?? 0
  const seeds = jobs.map((job, index): Exclude<Seed, string> => {
    const label = `${name[0]}${first + index}`
    return { label, name: job.known ? 'job' : 'new', priority: job.priority, ...(job.in > 0 ? { in: job.in } : {}) }
  })
  const send = () => queue.enqueue(seeds, { client: name, first })
  assert.equal(word(await send()), 'stored')
  model.last = send
  model.next[client] = first + jobs.length
  for (const [index, seed] of seeds.entries()) {
    const due = model.time + (seed.in ?? 0)
    model.jobs.set(seed.label, {
      ...pageOf(name, first + index),
      label: seed.label,
      name: seed.name ?? '',
      place: seed.in ? 'scheduled' : 'ready',
      due,
      claim: 0,
      failures: 0,
      interruptions: 0,
      owner: '',
      heldAt: 0,
      priority: seed.priority ?? NORMAL,
    })
  }
}

async function claim(step: Extract<Step, { kind: 'claim' }>, model: Model, queue: TestQueue): Promise<void> {
  const owner = model.owners[step.owner]
  if (!owner) return
  const names = step.names ? ['job', 'new'] : ['job']
  const ready = [...model.jobs.values()].filter(({ place }) => place === 'ready')
  const { kind, jobs } = await queue.claim(nameOf(owner), owner.call + 1, { limit: step.limit, names, lease: LEASE })
  const lost = owner.call > 0 && owner.leaseEnds < model.time
  assert.equal(kind === 'lost', lost, 'an owner whose lease ended is lost, and no other')
  if (lost) {
    model.former.push({ name: nameOf(owner), leaseEnds: owner.leaseEnds })
    Object.assign(owner, { call: 0, leaseEnds: -1, generation: owner.generation + 1 })
    return
  }
  if (Math.max(...model.paused) > model.time) return assert.equal(kind, 'empty')
  const wanted = Math.min(step.limit, ready.filter(({ name }) => names.includes(name)).length)
  assert.deepEqual([kind, jobs.length], [wanted > 0 ? 'claimed' : 'empty', wanted])
  checkOrder(jobs, ready, names)
  for (const claimed of jobs) {
    const job = model.jobs.get(claimed.record.payload)
    assert.ok(job?.place === 'ready', `${claimed.record.payload} was ready`)
    assert.ok(job.due <= model.time, `${job.label} is not early`)
    Object.assign(job, { place: 'active', claim: job.claim + 1, owner: nameOf(owner) })
    assert.equal(claimed.claim, job.claim)
    model.hands.push(claimed)
  }
  if (wanted > 0) {
    owner.call += 1
    owner.leaseEnds = model.time + LEASE
    const [mark, call] = [nameOf(owner), owner.call]
    model.last = async () => [(await queue.claim(mark, call, { limit: step.limit, names })).kind]
  }
  // Which of those that it does not know a claim came by depends on the order: the store is asked, the model checks that they may be.
  const held = new Set((await queue.places()).held)
  for (const job of ready) {
    if (job.place !== 'ready' || !held.has(`${job.name}:${job.label}`)) continue
    assert.ok(!names.includes(job.name))
    Object.assign(job, { place: 'held', heldAt: model.time })
  }
}

/** Pauses and resumes: no job moves, and only claims come to know of it. */
async function stand(
  step: Extract<Step, { kind: 'pause' | 'resume' }>,
  { paused, time }: Model,
  { store, now }: TestQueue,
): Promise<void> {
  const index = step.all ? 1 : 0
  if (step.kind === 'resume') {
    paused[index] = 0
    await (step.all ? store.pauses.resumeAll() : store.pauses.resume('mail'))
    return
  }
  paused[index] = step.lasts === null ? Number.POSITIVE_INFINITY : time + step.lasts
  const until = step.lasts === null ? null : now() + step.lasts
  const note = { since: now(), until, by: 'ada', reason: 'a test' }
  await (step.all ? store.pauses.pauseAll(note) : store.pauses.pause('mail', note))
}

/** What was taken goes from the most urgent on, and nothing more urgent was left. */
function checkOrder(jobs: readonly ClaimedJob[], ready: readonly Job[], names: readonly string[]): void {
  const taken = jobs.map(({ record }) => priorityIn(record.extension.lane))
  assert.deepEqual(taken, [...taken].sort())
  const labels = new Set(jobs.map(({ record }) => record.payload))
  const left = ready.filter(({ name, label }) => names.includes(name) && !labels.has(label))
  for (const { label, priority } of left) assert.ok(priority >= (taken.at(-1) ?? 0), `${label} is not more urgent`)
}

async function settle(step: Extract<Step, { kind: 'settle' }>, model: Model, queue: TestQueue): Promise<void> {
  const owner = model.owners[step.owner]
  if (!owner || model.hands.length === 0) return
  const chosen = [...new Set(step.picks.map((pick) => model.hands[pick % model.hands.length]))].filter(
    (job) => job !== undefined,
  )
  const call = owner.call + 1
  const send = (): Promise<Reply> =>
    step.how === 'retry' ? queue.retry(nameOf(owner), call, chosen, 700) : queue[step.how](nameOf(owner), call, chosen)
  const reply = await send()
  assert.equal(word(reply), 'settled')
  if (owner.leaseEnds >= 0) owner.call = call
  const lost = new Set<string>()
  const ends = step.how === 'complete' || step.how === 'discard'
  const words = part(reply, ends ? 3 : 2)
  chosen.forEach((job, index) => {
    const told = Array.isArray(words) && (ends ? words.includes(`${job.page} ${job.slot}`) : words[index] === 'lost')
    if (told) lost.add(`${job.record.payload}*${job.claim}`)
  })
  for (const claimed of chosen) {
    const job = model.jobs.get(claimed.record.payload)
    const mine = job?.place === 'active' && job.claim === claimed.claim
    const label = `${claimed.record.payload}*${claimed.claim}`
    if (!ends || !mine) assert.equal(lost.has(label), !mine, `only the last claimer settles ${label}`)
    if (!job || !mine) continue
    const noted = job.noted
    job.noted = false
    if (ends || noted) job.place = 'ended'
    if (noted) continue
    if (step.how === 'bury') job.place = 'dead'
    if (step.how === 'handBack') job.place = 'ready'
    const waits = step.how === 'retry' || step.how === 'snooze'
    if (waits) Object.assign(job, { place: 'scheduled', due: model.time + 700 })
    if (step.how === 'handBack' || step.how === 'snooze') job.interruptions = claimed.record.interruptions + 1
    if (step.how === 'retry' || step.how === 'bury') job.failures = claimed.record.failures + 1
  }
  model.last = undefined
}

async function steer(
  step: Extract<Step, { kind: 'cancel' | 'revive' | 'purge' | 'reschedule' }>,
  model: Model,
  queue: TestQueue,
): Promise<void> {
  const all = [...model.jobs.values()]
  const job = all[step.pick % Math.max(1, all.length)]
  if (!job) return
  const { page, slot, place } = job
  const waits = place === 'scheduled' || place === 'ready' || place === 'held'
  const found = await queue.door.get(page, slot)
  assert.equal(found.kind === 'job' ? found.job.place : 'gone', place, `get finds ${job.label}`)
  switch (step.kind) {
    case 'cancel': {
      const other = { active: 'cancelling', gone: 'unknown', dead: 'ended', ended: 'ended' }
      const expected = waits ? 'cancelled' : other[place]
      assert.equal(await queue.door.cancel(page, slot), expected)
      if (waits) job.place = 'ended'
      if (place === 'active') job.noted = true
      return
    }
    case 'reschedule': {
      const other = { active: 'running', gone: 'unknown', dead: 'dead', ended: 'ended' }
      const { kind } = await queue.door.reschedule(page, slot, `+${step.in}`)
      assert.equal(kind, waits ? 'moved' : other[place])
      if (waits) Object.assign(job, { place: 'scheduled', due: model.time + step.in })
      return
    }
    case 'purge': {
      const dead = await queue.store.dead('mail')
      const spot = await dead.get(page, slot)
      assert.equal(spot === undefined, place !== 'dead')
      if (spot === undefined) return
      assert.deepEqual([await dead.purge([spot]), await dead.purge([spot])], [1, 0])
      job.place = 'gone'
      return
    }
    case 'revive': {
      const record = `10,${job.claim}\n${job.name}\n\n\n${job.label}`
      assert.equal(await queue.door.revive(page, slot, record), place === 'dead' ? 'revived' : 'unknown')
      if (place === 'dead')
        Object.assign(job, { place: 'ready', failures: 0, interruptions: job.claim, priority: NORMAL })
    }
  }
}

async function keep(
  kind: 'promote' | 'reclaim' | 'release' | 'giveUp' | 'prune',
  model: Model,
  queue: TestQueue,
): Promise<void> {
  const inPlace = (...places: Place[]): Job[] => [...model.jobs.values()].filter(({ place }) => places.includes(place))
  switch (kind) {
    case 'promote': {
      const due = inPlace('scheduled').filter((job) => job.due <= model.time)
      let moved = 0
      for (let turn = await queue.keeper.promote('s'); turn.moved > 0; turn = await queue.keeper.promote('s'))
        moved += turn.moved
      assert.equal(moved, due.length)
      for (const job of due) job.place = 'ready'
      return
    }
    case 'reclaim': {
      while ((await queue.keeper.reclaim(CRASHES)).nextIn === 0);
      const all = [...model.owners, ...model.former]
      const ended = all.filter(({ leaseEnds }) => leaseEnds > 0 && leaseEnds < model.time)
      for (const owned of ended) {
        if (owned.leaseEnds < model.time - UNSEEN) {
          owned.leaseEnds = model.time + CHANCE
          continue
        }
        const names = model.owners.filter((owner) => owner === owned).map(nameOf)
        const name = names[0] ?? owned.name
        for (const job of inPlace('active').filter(({ owner }) => owner === name)) {
          job.place = job.noted ? 'ended' : job.claim - job.failures - job.interruptions < CRASHES ? 'ready' : 'dead'
          job.noted = false
        }
        owned.leaseEnds = 0
      }
      model.last = undefined
      return
    }
    case 'release': {
      const args = { queue: 'mail', job: 'new', limit: 250 }
      await run(queue.connection, scripts.release, queue.keys, { args })
      for (const job of inPlace('held')) if (job.policy === undefined) job.place = 'ready'
      return
    }
    case 'giveUp': {
      const patient = inPlace('held').filter(
        ({ heldAt, policy }) => policy === undefined && heldAt <= model.time - PATIENCE,
      )
      assert.equal(await queue.keeper.giveUp(duration(PATIENCE)), patient.length)
      for (const job of patient) job.place = 'dead'
      return
    }
    case 'prune':
      while (await queue.keeper.prune({ ...KEEP_NOTHING, ownIds: duration(1e9) }));
      for (const job of inPlace('ended', 'dead')) job.place = 'gone'
  }
}

/** The jobs that run and are cancelled, by page and slot. */
export const notedIn = ({ jobs }: Model): readonly string[] =>
  [...jobs.values()]
    .filter(({ noted }) => noted)
    .map(({ page, slot }) => `${page} ${slot}`)
    .sort()

/** The places as the model knows them, without their order. */
export function placesIn({ jobs }: Model): Places {
  const of = (place: Place): Job[] => [...jobs.values()].filter((job) => job.place === place)
  const labels = (place: Place): string[] => of(place).map(({ label }) => label)
  return {
    scheduled: of('scheduled').map(({ label, due }) => `${label}+${due}`),
    ready: labels('ready'),
    held: of('held').map(({ name, label, policy }) => (policy === undefined ? `${name}:${label}` : label)),
    active: of('active').map(({ label, claim }) => `${label}*${claim}`),
    dead: labels('dead'),
    ended: labels('ended'),
  }
}

/** Places with each list sorted, to compare two whose order does not matter. */
export const sorted = (places: Places): Places => ({
  scheduled: [...places.scheduled].sort(),
  ready: [...places.ready].sort(),
  held: [...places.held].sort(),
  active: [...places.active].sort(),
  dead: [...places.dead].sort(),
  ended: [...places.ended].sort(),
})
