import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../schedule/zones.ts'
import type { RunningProcess } from '../support/processes.ts'
import { added, NO_PROOF, type Proof, prove } from './proof.ts'
import { bounded, counted, quantile, type Soak, type SoakOptions, type SoakResult } from './soak.ts'
import { dismiss, finish, openStage, type Stage } from './stage.ts'

const FILE = `defaults: { job: note, queue: soak, payload: { rests: 0 } }
schedules:
  each-second: { cron: '* * * * * *' }
  each-other: { every: 2s }
  spread: { every: 2s, spread: 1500ms }
  skips: { every: 1s, missed: skip, overlap: skip }
`
const PERIODS = { 'each-second': 1_000, 'each-other': 2_000, spread: 2_000, skips: 1_000 }
/** After so many restarts all is proved, and the next ones begin anew. */
const A_NAMESPACE = 100
/** Ticks are live, and none may be taken for missed, while a deploy goes on. */
const LIVE = 10_000

/** One deploy after the other: a new scheduler starts, the old one is told to stop. */
export const rolling: Soak = { title: 'Rolling restarts', rounds: 500, run: runRolling }

async function runRolling(options: SoakOptions): Promise<SoakResult> {
  const { rounds: asked, seed, end, say } = options
  const draw = random(seed)
  const goesOn = bounded(options)
  const late: number[] = []
  let rounds = 0
  let sum = NO_PROOF
  while (goesOn(rounds)) {
    const until = Math.min(asked, rounds + A_NAMESPACE)
    const stage = await openStage(end, { 'soak.yml': FILE })
    let [scheduler, worker] = [stage.start('scheduler'), stage.start('worker')]
    await Promise.all([scheduler, worker].map(stage.up))
    for (; rounds < until && goesOn(rounds); rounds++) {
      // Each tenth restart is one of the worker.
      if (rounds % 10 === 9) worker = await deploy(stage, 'worker', worker)
      else scheduler = await deploy(stage, 'scheduler', scheduler)
      await pause(draw() * 700)
    }
    await Promise.all([scheduler, worker].map(dismiss))
    for (const run of stage.runs()) late.push(run.late)
    await finish(stage, ['soak'])
    sum = added(sum, await prove(stage, PERIODS))
    await stage.redis.stop()
    say(`${rounds} restarts; ${sum.planned} ticks, ${sum.faults.length} faults, worst lateness ${sum.latest} ms`)
  }
  return { rounds, did: DID, figures: figuresOf(sum, late), faults: sum.faults, slow: slowIn(sum) }
}

/** Starts a new process and, as soon as it runs, tells the old one to stop. */
async function deploy(stage: Stage, role: 'scheduler' | 'worker', old: RunningProcess): Promise<RunningProcess> {
  const next = stage.start(role)
  await stage.up(next)
  await dismiss(old)
  return next
}

const DID = [
  'A scheduler and a worker, processes of the command line, serve four schedules of one and two seconds: plain, with `spread`, under `missed: skip` with `overlap: skip`.',
  'In each round a new scheduler starts, in each tenth a new worker; once it runs, the old one is told to stop by SIGTERM, and has gone before the next round begins.',
  `After each ${A_NAMESPACE} rounds (a ledger keeps 1,000 entries) the audit recomputes every tick; the instants of each grid are counted without the engine; and the ticks for which a handler wrote a line are compared with the jobs made. The next rounds have a Redis of their own.`,
]

const figuresOf = (
  { planned, recorded, jobs, latest }: Proof,
  late: readonly number[],
): readonly (readonly [string, string])[] => [
  ['ticks planned', planned.toLocaleString('en-US')],
  ['entries of the ledgers', counted(recorded)],
  ['jobs made, each of which ran', jobs.toLocaleString('en-US')],
  ['maximal lateness of a tick (decided on, after it was due)', `${latest} ms`],
  [
    'a handler began after its tick was due by p50 / p99 / max',
    `${quantile(late, 0.5)} / ${quantile(late, 0.99)} / ${quantile(late, 1)} ms`,
  ],
]

const slowIn = ({ latest, recorded }: Proof): readonly string[] => [
  ...(latest < LIVE ? [] : [`a tick was ${latest} ms late though a scheduler lived all the time`]),
  ...((recorded['missed'] ?? 0) === 0 ? [] : [`${recorded['missed']} ticks were missed`]),
]
