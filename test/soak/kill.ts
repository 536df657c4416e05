import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../schedule/zones.ts'
import type { RunningProcess } from '../support/processes.ts'
import { added, NO_PROOF, type Proof, prove } from './proof.ts'
import { bounded, counted, type Soak, type SoakOptions, type SoakResult } from './soak.ts'
import { dismiss, finish, openStage, type Role, type Stage } from './stage.ts'

const FILE = `defaults: { job: note, queue: soak, payload: { rests: 0 } }
schedules:
  each-second: { cron: '* * * * * *' }
  each-other: { every: 2s }
  spread: { every: 2s, spread: 1500ms }
  skips: { cron: '* * * * * *', overlap: skip, payload: { rests: 1300 } }
  queues-one: { every: 1s, overlap: queue-one, payload: { rests: 700 }, queue: second }
  catches-up: { every: 1s, missed: { policy: all, max: 100 }, queue: second }
  drops: { every: 1s, missed: skip, deadline: 2s }
`
const PERIODS = {
  ...{ 'each-second': 1_000, 'each-other': 2_000, spread: 2_000, skips: 1_000 },
  ...{ 'queues-one': 1_000, 'catches-up': 1_000, drops: 1_000 },
}
const QUEUES = ['soak', 'second']
/** One fault in so many strikes the worker, and one freeze in so many outlasts the 10 s in which a tick is live. */
const WORKER_IN = 10
const LONG_IN = 60
/** After so many rounds all is proved, and the next ones begin anew. */
const A_NAMESPACE = 100

type Crew = { readonly stage: Stage; readonly schedulers: RunningProcess[]; worker: RunningProcess }
type Done = Record<'killed' | 'frozen' | 'all at once' | 'worker struck' | 'longer than 10 s', number>

/** Schedulers that are killed or frozen at random moments. */
export const kill: Soak = { title: 'Kill and freeze', rounds: 1_000, run: runKill }

async function runKill(options: SoakOptions): Promise<SoakResult> {
  const { rounds: asked, seed, end, say } = options
  const draw = random(seed)
  const done: Done = { killed: 0, frozen: 0, 'all at once': 0, 'worker struck': 0, 'longer than 10 s': 0 }
  const goesOn = bounded(options)
  let rounds = 0
  let sum = NO_PROOF
  while (goesOn(rounds)) {
    const until = Math.min(asked, rounds + A_NAMESPACE)
    const stage = await openStage(end, { 'soak.yml': FILE })
    const crew: Crew = { stage, schedulers: [stage.start('scheduler')], worker: stage.start('worker') }
    await Promise.all([...crew.schedulers, crew.worker].map(stage.up))
    for (; rounds < until && goesOn(rounds); rounds++) await round(crew, draw, done)
    await settle(crew)
    sum = added(sum, await prove(stage, PERIODS))
    await stage.redis.stop()
    say(`${rounds} rounds, ${counted(done)}; ${sum.planned} ticks, ${sum.faults.length} faults`)
  }
  return { rounds, did: DID, figures: figuresOf(done, sum), faults: sum.faults, slow: [] }
}

const DID = [
  'One to three schedulers and a worker, processes of the command line, serve seven schedules of one and two seconds in two queues: plain, with `spread`, under `overlap: skip` and `queue-one`, under `missed: all` and `skip`.',
  'In each round one of them, or every scheduler at once, is ended by SIGKILL, or frozen by SIGSTOP and woken by SIGCONT, at a random moment; what was killed is started anew after a random while.',
  `After each ${A_NAMESPACE} rounds (a ledger keeps 1,000 entries) the audit recomputes every tick; the instants of each grid are counted without the engine; and the ticks for which a handler wrote a line are compared with the jobs made. The next rounds have a Redis of their own.`,
]

const figuresOf = (done: Done, { planned, recorded, jobs, expired, latest }: Proof): SoakResult['figures'] => [
  ['faults', counted(done)],
  ['ticks planned', planned.toLocaleString('en-US')],
  ['entries of the ledgers', counted(recorded)],
  ['jobs made: ran once, or expired', `${(jobs - expired).toLocaleString('en-US')}, ${expired}`],
  [
    'worst lateness of a tick that became a job',
    `${latest.toLocaleString('en-US')} ms (while nobody lived, as a rule)`,
  ],
]

/** One fault at a random moment. */
async function round(crew: Crew, draw: () => number, done: Done): Promise<void> {
  const { stage, schedulers } = crew
  const wanted = 1 + Math.floor(draw() * 3)
  while (schedulers.length < wanted) schedulers.push(stage.start('scheduler'))
  while (schedulers.length > wanted) await dismiss(schedulers.pop() ?? crew.worker)
  await pause(100 + draw() * 700)
  const isWorker = draw() < 1 / WORKER_IN
  const all = !isWorker && draw() < 0.25
  const one = schedulers[Math.floor(draw() * schedulers.length)]
  const struck = isWorker ? [crew.worker] : all ? [...schedulers] : one === undefined ? [] : [one]
  if (isWorker) done['worker struck'] += 1
  if (all) done['all at once'] += 1
  const long = draw() < 1 / LONG_IN
  const rest = long ? 11_000 + draw() * 2_000 : draw() * 600
  if (long) done['longer than 10 s'] += 1
  if (draw() < 0.5) {
    done.killed += struck.length
    for (const each of struck) each.signal('SIGKILL')
    await Promise.all(struck.map(({ exit }) => exit))
    await pause(rest)
    for (const each of struck) replace(crew, each, isWorker ? 'worker' : 'scheduler')
  } else {
    done.frozen += struck.length
    for (const each of struck) each.signal('SIGSTOP')
    await pause(rest)
    for (const each of struck) each.signal('SIGCONT')
  }
}

function replace(crew: Crew, gone: RunningProcess, role: Role): void {
  const next = crew.stage.start(role)
  if (role === 'worker') crew.worker = next
  else crew.schedulers.splice(crew.schedulers.indexOf(gone), 1, next)
}

/** Lets a healthy scheduler decide on what is due, then ends all of them, and lets what they made run. */
async function settle({ stage, schedulers, worker }: Crew): Promise<void> {
  const last = stage.start('scheduler')
  await stage.up(last)
  await Promise.all(schedulers.map(dismiss))
  await pause(2_500)
  await Promise.all([dismiss(last), dismiss(worker)])
  await finish(stage, QUEUES)
}
