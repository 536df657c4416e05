import assert from 'node:assert/strict'
import { pageOf } from '../../src/job/id.ts'
import { NORMAL } from '../../src/job/priority.ts'
import type { OverlapPolicy } from '../../src/schedule/policies.ts'
import type { Drawn } from '../../src/store/firing.ts'
import type { Job, Model } from './model.ts'
import { draw, NIGHTLY, run } from './nightly.ts'
import { START, type TestQueue } from './test-queue.ts'

/** One schedule for each policy; their ticks are planned a millisecond apart, and always due. */
const POLICIES: readonly OverlapPolicy[] = ['allow', 'skip', 'queue-one', 'cancel-previous']
const idOf = (policy: number): string => `${policy}`.repeat(16)
const NEXT = { dueAt: START }

/** Puts the schedules in force whose ticks the model takes. */
export async function openSchedules({ store }: TestQueue): Promise<void> {
  for (const policy of POLICIES.keys()) {
    const next = { ...NEXT, at: START }
    const applying = { ...NIGHTLY, name: `tick-${policy}`, next }
    assert.equal(await store.schedules.apply({ id: idOf(policy), queue: 'mail' }, applying), 'applied')
  }
}

const jobsOf = (policy: number, { jobs }: Model): Job[] => [...jobs.values()].filter((job) => job.policy === policy)
const waits = ({ place }: Job): boolean => place === 'scheduled' || place === 'ready' || place === 'held'
const isUnended = (job: Job): boolean => waits(job) || job.place === 'active'

/** A tick of a schedule makes a job unless an earlier one is in its way. */
export async function tick(policy: number, model: Model, { store }: TestQueue): Promise<void> {
  const { nextAt, made } = (await store.schedules.read({ id: idOf(policy), queue: 'mail' })) ?? assert.fail()
  const overlap = POLICIES[policy] ?? 'allow'
  const mine = jobsOf(policy, model)
  assert.equal(made, mine.length)
  const label = `T${policy}-${made}`
  const cursor = (nextAt ?? 0) - START
  const step = run(label, cursor, { due: { at: START + model.time } })
  const planned = draw(cursor, cursor + 1, [step], { overlap })
  const one = { ...planned, id: idOf(policy), ripeAt: null, next: { ...NEXT, at: START + cursor + 1 } }
  const send = async (): Promise<Drawn | undefined> => (await store.schedules.fire('mail', 's', [one]))[0]
  const drawn = await send()
  assert.ok(drawn?.kind === 'fired')
  model.last = async () => [(await send())?.kind === 'moved' ? 'known' : 'doubled']
  for (const job of overlap === 'cancel-previous' ? mine.filter(isUnended) : []) {
    if (waits(job)) job.place = 'ended'
    else job.noted = true
  }
  const isInTheWay = overlap !== 'allow' && mine.some(isUnended)
  const isSkipped = isInTheWay && (overlap === 'skip' || mine.some(({ place }) => place === 'held'))
  assert.equal(drawn.jobs[0]?.fate, isSkipped ? 'overlap' : 'made', `${label} with ${overlap}`)
  if (isSkipped) return
  model.jobs.set(label, {
    ...pageOf(idOf(policy), made),
    label,
    name: 'job',
    policy,
    place: isInTheWay ? 'held' : 'ready',
    due: model.time,
    claim: 0,
    failures: 0,
    interruptions: 0,
    owner: '',
    heldAt: model.time,
    priority: NORMAL,
  })
}

/** Runs that wait behind others begin when those are over. */
export async function admit(model: Model, { store }: TestQueue): Promise<void> {
  for (const policy of POLICIES.keys()) {
    const mine = jobsOf(policy, model)
    const held = mine.findIndex(({ place }) => place === 'held')
    const isFree = held >= 0 && !mine.slice(0, held).some(isUnended)
    const answer = await store.schedules.admit({ id: idOf(policy), queue: 'mail' })
    assert.equal(answer, held < 0 ? 'nothing' : isFree ? 'released' : 'waits')
    const job = mine[held]
    if (job && isFree) job.place = 'ready'
  }
}
