import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '../../src/index.ts'
import type { RunningProcess } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { beside } from './jobs.ts'
import { quantile, type Soak, type SoakOptions, type SoakResult } from './soak.ts'
import { dismiss, openStage, type Run, type Stage } from './stage.ts'

/** How large a herd is, how often it is due (in milliseconds, on the grid of the epoch), and what the schedules say of that. */
export type Herd = { readonly schedules: number; readonly period: number; readonly timing: string }

const FULL: Herd = { schedules: 10_000, period: 60_000, timing: "cron: '0 * * * * *'" }
/** A file may have 1 MiB. */
const A_FILE = 1_000
/** A delayed job is due every so many milliseconds, in the second before and the two after the herd. */
const BESIDE_EVERY = 25
/** Rest is measured from so long after the herd was due, for so long. */
const RESTS_AFTER = 15_000
const RESTS_FOR = 20_000

/** The goals of the full form, in milliseconds and in percent of a core. */
const GOALS = { lateness: 500, beside: 20, cpu: 2 } as const

/** Many schedules that are due at one second, and delayed jobs beside them. */
export const herd: Soak = { title: 'A herd: 10,000 schedules due at one second', rounds: 3, run: runHerd }

/** What one wave came to. */
export type Wave = { readonly at: number; readonly ticks: readonly Run[]; readonly beside: readonly Run[] }

async function runHerd(options: SoakOptions): Promise<SoakResult> {
  const { rounds, end, say } = options
  const stage = await openStage(end, filesOf(FULL))
  const before = await memoryOf(stage)
  const scheduler = stage.start('scheduler')
  await stage.up(scheduler)
  const startCpu = cpuOf(scheduler.pid)
  await until('all schedules to be in force', () => areInForce(stage, FULL), 120_000)
  const appliedCpu = cpuOf(scheduler.pid) - startCpu
  const applied = (await memoryOf(stage)) - before
  const workers = ['soak', 'beside'].map((queue) => stage.start('worker', { QUEUES: queue, SOAK_GATHERS: '1' }))
  await Promise.all(workers.map(stage.up))
  const waves: Wave[] = []
  const rests: number[] = []
  for (let wave = 0; wave < rounds; wave++) {
    waves.push(await awaitWave(stage, FULL))
    say(`wave ${wave + 1}: ${wordsOf(waves.at(-1))}`)
    rests.push(await restOf(scheduler, waves.at(-1)?.at ?? 0))
    say(`at rest ${rests.at(-1)?.toFixed(2)} % of a core`)
  }
  const full = (await memoryOf(stage)) - before
  await Promise.all([scheduler, ...workers].map(dismiss))
  const perSchedule = (bytes: number): string => `${Math.round(bytes / FULL.schedules)} B`
  return {
    rounds,
    did: DID,
    figures: [
      ...waves.map((wave, index): [string, string] => [`wave ${index + 1}`, wordsOf(wave)]),
      ['scheduler at rest, over 20 s', rests.map((share) => `${share.toFixed(2)} % of a core`).join(', ')],
      ['scheduler, to read and apply all files at its start', `${appliedCpu.toFixed(1)} s of a core`],
      ['Redis memory a schedule, applied', perSchedule(applied)],
      [`Redis memory a schedule, after ${rounds} ticks (ledger, and what is kept of ended jobs)`, perSchedule(full)],
    ],
    faults: waves.flatMap((wave) => wrongIn(wave, FULL)),
    slow: missedGoals(waves, rests),
  }
}

const DID = [
  `${FULL.schedules.toLocaleString('en-US')} schedules in files, all due at second 0 of each minute, are put in force by a scheduler process and run by a worker process; another worker process serves the delayed jobs, one due every ${BESIDE_EVERY} ms from a second before the herd to two after it.`,
  'All share the cores of this machine. `made` is from the due instant to when the scheduler made the job, `begun` to when its handler began.',
]

/** The files of a herd. */
export function filesOf({ schedules, timing }: Herd): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  for (let first = 0; first < schedules; first += A_FILE) {
    const names = Array.from({ length: Math.min(A_FILE, schedules - first) }, (_, n) => `herd-${first + n}`)
    const lines = names.map((name) => `  ${name}: { ${timing}, job: note, queue: soak, payload: { rests: 0 } }`)
    files[`herd-${first}.yml`] = `schedules:\n${lines.join('\n')}\n`
  }
  return files
}

export async function areInForce({ store }: Stage, { schedules }: Herd): Promise<boolean> {
  return (await store.connection.command('ZCARD', `${store.prefix}:{soak}:ticks`)) === schedules
}

/** Asks for delayed jobs around the next instant of the herd, and waits until everything has run. */
export async function awaitWave(stage: Stage, { schedules, period }: Herd): Promise<Wave> {
  const now = await stage.store.inspector.time()
  const at = Math.ceil((now + 2_000) / period) * period
  const client = createClient({ redisUrl: stage.redis.socket, prefix: stage.prefix })
  const offsets = Array.from({ length: 3_000 / BESIDE_EVERY }, (_, n) => n * BESIDE_EVERY - 1_000)
  try {
    await Promise.all(
      offsets.map((by) => client.schedule(beside, { label: `beside-${at}` }, { at: new Date(at + by) })),
    )
  } finally {
    await client.close()
  }
  await pause(at + 3_000 - (await stage.store.inspector.time()))
  const find = (): Wave => {
    const runs = stage.runs()
    return {
      at,
      ticks: runs.filter(({ plannedAt }) => plannedAt === at),
      beside: runs.filter(({ name }) => name === `beside-${at}`),
    }
  }
  await until('the herd to have run', () => find().ticks.length >= schedules, 60_000).catch(() => false)
  return find()
}

/** What is wrong with a wave: every schedule runs once. */
export function wrongIn({ at, ticks, beside }: Wave, { schedules }: Herd): readonly string[] {
  const names = new Set(ticks.map(({ name }) => name))
  const of = new Date(at).toISOString()
  return [
    ...(names.size === schedules ? [] : [`${names.size} of ${schedules} schedules ran at ${of}`]),
    ...(ticks.length === names.size ? [] : [`${ticks.length - names.size} ticks of ${of} ran twice`]),
    ...(beside.length === 3_000 / BESIDE_EVERY ? [] : [`${beside.length} delayed jobs ran beside ${of}`]),
  ]
}

function missedGoals(waves: readonly Wave[], rests: readonly number[]): readonly string[] {
  const made = Math.max(
    ...waves.map(({ ticks }) =>
      quantile(
        ticks.map(({ madeLate }) => madeLate),
        0.99,
      ),
    ),
  )
  const besides = Math.max(...waves.flatMap(({ beside }) => beside.map(({ late }) => late)))
  const cpu = Math.max(...rests)
  return [
    ...(made <= GOALS.lateness ? [] : [`p99 lateness ${made} ms, the goal is ${GOALS.lateness} ms`]),
    ...(besides <= GOALS.beside ? [] : [`a delayed job was ${besides} ms late, the goal is ${GOALS.beside} ms`]),
    ...(cpu < GOALS.cpu ? [] : [`${cpu.toFixed(2)} % of a core at rest, the goal is less than ${GOALS.cpu} %`]),
  ]
}

function wordsOf(wave: Wave | undefined): string {
  const [ticks, beside] = [wave?.ticks ?? [], wave?.beside ?? []]
  const words = (values: readonly number[]): string =>
    `${[0.5, 0.99, 1].map((share) => quantile(values, share)).join(' / ')} ms`
  const made = words(ticks.map(({ madeLate }) => madeLate))
  const begun = words(ticks.map(({ late }) => late))
  return `p50 / p99 / max: made ${made}, begun ${begun}; delayed jobs begun ${words(beside.map(({ late }) => late))}`
}

/** The share of a core that a process takes while nothing is due, in percent. */
async function restOf({ pid }: RunningProcess, wave: number): Promise<number> {
  await pause(Math.max(0, wave + RESTS_AFTER - Date.now()))
  const before = cpuOf(pid)
  await pause(RESTS_FOR)
  return ((cpuOf(pid) - before) / RESTS_FOR) * 100_000
}

/** The processor time that a process has had, in seconds; the system counts in hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function memoryOf({ store }: Stage): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await store.connection.command('INFO', 'memory')))?.[1] ?? 0)
}
