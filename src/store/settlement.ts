import type { ClaimedJob } from './claimed-job.ts'
import { portions } from './portions.ts'
import type { EndName } from './queue.ts'
import { part, type Reply, word } from './reply.ts'
import type { Script } from './script.ts'
import { scripts } from './scripts.ts'

/** How a claimed job leaves its worker; `record` is what shall stand in its slot from then on. */
export type Settlement =
  | { readonly kind: 'complete'; readonly job: ClaimedJob }
  /** It has ended otherwise than well; what is to be told of that stands in the record. */
  | {
      readonly kind: 'end'
      readonly end: Exclude<EndName, 'completed'>
      readonly job: ClaimedJob
      readonly record?: string
    }
  | { readonly kind: 'retry'; readonly job: ClaimedJob; readonly delay: number; readonly record: string }
  /** As retry, but no attempt has failed. */
  | { readonly kind: 'snooze'; readonly job: ClaimedJob; readonly delay: number; readonly record: string }
  | { readonly kind: 'bury'; readonly job: ClaimedJob; readonly record: string }
  | { readonly kind: 'handBack'; readonly job: ClaimedJob; readonly record: string }

/** One numbered call of an owner. */
export type Step = {
  readonly script: Script
  readonly bytes: boolean
  readonly call: number
  readonly args: Record<string, string | number>
  readonly rest: readonly string[]
  readonly jobs: readonly ClaimedJob[]
}

/** Where an owner's calls stand. */
export type StepMark = { readonly queue: string; readonly id: string; readonly call: number }

/** The calls that settle: those of one kind together, as many as a call may carry; the last one names the claims emptied by them all. */
export function settleSteps(state: StepMark, settlements: readonly Settlement[], emptied: string): Step[] {
  const parcels = parcelsOf(settlements)
  return parcels.map(({ script, jobs, rest, mark }, index) => {
    const call = state.call + index + 1
    const last = index === parcels.length - 1
    const args = { queue: state.queue, owner: state.id, call, emptied: last ? emptied : '', mark }
    return { script, bytes: false, call, jobs, rest, args }
  })
}

/** The same call under another owner's name and number, for a store that has lost what it knew of the first. */
export const underName = (step: Step, owner: string, call: number): Step => ({
  ...step,
  call,
  args: { ...step.args, owner, call, emptied: '' },
})

type Parcel = Pick<Step, 'script' | 'jobs' | 'rest'> & { readonly mark: string }

function parcelsOf(settlements: readonly Settlement[]): Parcel[] {
  const of = <Kind extends Settlement['kind']>(kind: Kind) =>
    portions(
      settlements.filter((each): each is Extract<Settlement, { kind: Kind }> => each.kind === kind),
      bytesOf,
    )
  const where = ({ job }: Settlement): string[] => [job.page, `${job.slot}`, `${job.claim}`, job.owner, `${job.call}`]
  const parcel = <Each extends Settlement>(
    script: Script,
    some: readonly Each[],
    rest: (each: Each) => string[],
    mark = '',
  ): Parcel => ({
    script,
    jobs: some.map(({ job }) => job),
    rest: some.flatMap((each) => [...where(each), ...rest(each)]),
    mark,
  })
  const ended = (some: readonly Settlement[], end: EndName): Parcel => ({
    script: scripts.complete,
    jobs: some.map(({ job }) => job),
    rest: runsOf(some),
    mark: MARKS[end],
  })
  const waiting = ({ delay, record }: Extract<Settlement, { delay: number }>) => [String(delay), record]
  const otherwise = settlements.filter((each) => each.kind === 'end')
  return [
    ...of('complete').map((some) => ended(some, 'completed')),
    ...ENDS.flatMap((end) =>
      portions(
        otherwise.filter((each) => each.end === end),
        bytesOf,
      ).map((some) => ended(some, end)),
    ),
    ...of('retry').map((some) => parcel(scripts.retry, some, waiting)),
    ...of('snooze').map((some) => parcel(scripts.retry, some, waiting, 's')),
    ...of('bury').map((some) => parcel(scripts.bury, some, ({ record }) => [record])),
    ...of('handBack').map((some) => parcel(scripts.handBack, some, ({ record }) => [record])),
  ]
}

const ENDS = ['expired', 'discarded', 'cancelled'] as const

/** The letters that say in a page how a job ended. */
const MARKS: Readonly<Record<EndName, string>> = { completed: 'c', expired: 'e', discarded: 'd', cancelled: 'k' }

const recordOf = (settlement: Settlement): string | undefined =>
  settlement.kind === 'complete' ? undefined : settlement.record

const bytesOf = (settlement: Settlement): number => Buffer.byteLength(recordOf(settlement) ?? '')

/** Neighbouring slots of one page that one call has claimed, under one claim number, travel as a run; one with a record of its own alone. */
function runsOf(settlements: readonly Settlement[]): string[] {
  const alone = settlements.flatMap((each) => {
    const record = recordOf(each)
    return record === undefined ? [] : [`${runOf(each.job, 1)}\n${record}`]
  })
  const sorted = settlements
    .filter((each) => recordOf(each) === undefined)
    .map(({ job }) => job)
    .sort((a, b) => (a.page < b.page ? -1 : a.page > b.page ? 1 : a.slot - b.slot))
  const runs: { readonly job: ClaimedJob; count: number }[] = []
  for (const job of sorted) {
    const run = runs.at(-1)
    if (run && isNext(run.job, run.count, job)) run.count++
    else runs.push({ job, count: 1 })
  }
  return [...runs.map(({ job, count }) => runOf(job, count)), ...alone]
}

const runOf = ({ page, slot, claim, owner, call }: ClaimedJob, count: number): string =>
  `${page} ${slot} ${count} ${claim} ${owner} ${call}`

const isNext = (first: ClaimedJob, count: number, { page, slot, claim, owner, call }: ClaimedJob): boolean =>
  first.page === page &&
  first.slot + count === slot &&
  first.claim === claim &&
  first.owner === owner &&
  first.call === call

/** The jobs of a call that another claim had taken. */
export function lostOf(step: Step, reply: Reply): readonly ClaimedJob[] {
  if (word(reply) !== 'settled') return []
  if (step.script !== scripts.complete) {
    const words = part(reply, 2)
    return Array.isArray(words) ? step.jobs.filter((_, index) => words[index] === 'lost') : []
  }
  const lost = part(reply, 3)
  return Array.isArray(lost) && lost.length > 0
    ? step.jobs.filter(({ page, slot }) => lost.includes(`${page} ${slot}`))
    : []
}
