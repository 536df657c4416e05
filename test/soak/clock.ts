import { spawnSync } from 'node:child_process'
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '../../src/index.ts'
import type { RunningProcess } from '../support/processes.ts'
import { ask } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { beside } from './jobs.ts'
import { prove } from './proof.ts'
import { type ShiftedRedis, startShiftedRedis } from './shifted-redis.ts'
import type { Soak, SoakOptions, SoakResult } from './soak.ts'
import { commandLine, dismiss, finish, openStage, type Stage } from './stage.ts'

const FILE = `defaults: { job: note, queue: soak, payload: { rests: 0 } }
schedules:
  each-second: { every: 1s }
  catches-up: { every: 2s, missed: { policy: all, max: 20 } }
  hourly: { cron: '0 * * * *' }
  daily: { cron: '30 2 * * *' }
`
const PERIODS = { 'each-second': 1_000, 'catches-up': 2_000 }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** By how much Redis' clock leaps, in milliseconds. */
export const LEAPS: readonly number[] = [5 * MINUTE, -5 * MINUTE, 26 * HOUR, -26 * HOUR]

/** How long a clock stays wrong; a frozen process sleeps over a minute, after which it counts as dead. */
const WRONG_FOR = 12_000
const FROZEN_FOR = 75_000

/** Redis' clock leaps, a failover leads to another clock, processes freeze. */
export const clock: Soak = { title: 'Clocks that leap', rounds: 3, run: runClock }

/** How long it took, in milliseconds, until the hold was said, and until its end was. */
export type Held = { readonly what: string; readonly heldAfter: number; readonly releasedAfter: number }

/** Real processes around a Redis whose clock can be set. */
export type ClockStage = {
  readonly stage: Stage
  readonly redis: ShiftedRedis
  readonly crew: readonly RunningProcess[]
}

async function runClock(options: SoakOptions): Promise<SoakResult> {
  const { rounds, end, say } = options
  const opened = await openClockStage(options)
  const faults: string[] = []
  const held: Held[] = []
  const note = (one: Held): void => {
    held.push(one)
    say(`${one.what}: ${wordsOf(one)}`)
  }
  for (let round = 0; round < rounds; round++) {
    for (const leap of LEAPS) note(await leapOnce(opened, leap, WRONG_FOR, faults))
  }
  note(await failOver(opened, await startShiftedRedis(end, [`replicaof 127.0.0.1 ${opened.redis.port}`]), faults))
  say('processes freeze')
  await freeze(opened, FROZEN_FOR, faults)
  const proof = await conclude(opened, faults)
  return {
    rounds,
    did: DID,
    figures: [
      ...held.map((one): [string, string] => [one.what, wordsOf(one)]),
      ['ticks planned', proof.planned.toLocaleString('en-US')],
      ['jobs made, each of which ran once, none early', proof.jobs.toLocaleString('en-US')],
    ],
    faults,
    slow: [],
  }
}

const DID = [
  'Two schedulers and a worker, processes of the command line, on a Redis whose wall clock is set by a library that is loaded before all others; the clocks of the processes stay right.',
  'Delayed jobs for the next ten minutes and for tomorrow, and schedules of one second, two seconds, an hour and a day, wait meanwhile. Redis’ clock leaps by +-5 minutes and +-26 hours, and back after 12 s.',
  'A failover, for which a replica with a clock 26 hours ahead takes the place of the primary that is killed; its clock is set right after 12 s.',
  'SIGSTOP of a scheduler and of the worker for 75 s, then SIGCONT.',
  'Every handler notes by this machine’s clock when it began: never before its due instant. At the end the audit recomputes every tick.',
]

const wordsOf = ({ heldAfter, releasedAfter }: Held): string =>
  `held, and said so, after ${heldAfter} ms; released ${releasedAfter} ms after the clock was right`

/** Starts two schedulers and a worker, and asks for jobs that must not run early. */
export async function openClockStage({ end }: Pick<SoakOptions, 'end'>): Promise<ClockStage> {
  const redis = await startShiftedRedis(end)
  // A failover leads the same name to another server.
  const name = join(redis.directory, 'name.sock')
  symlinkSync(redis.socket, name)
  const stage = await openStage(end, { 'soak.yml': FILE }, Object.assign(Object.create(redis), { socket: name }))
  const crew = (['scheduler', 'scheduler', 'worker'] as const).map((role) => stage.start(role))
  await Promise.all(crew.map(stage.up))
  const client = createClient({ redisUrl: name, prefix: stage.prefix })
  try {
    for (const minutes of [2, 4, 8, 60, 24 * 60]) {
      await client.schedule(beside, { label: `in-${minutes}` }, { at: new Date(Date.now() + minutes * MINUTE) })
    }
  } finally {
    await client.close()
  }
  await until('ticks to run', () => stage.runs().length > 2, 20_000)
  return { stage, redis, crew }
}

const times = (text: string, { output }: RunningProcess): number => output().split(`\n${text}`).length

/** Lets Redis' clock leap and come back; answers how long hold and release took. */
export async function leapOnce(opened: ClockStage, leap: number, wrongFor: number, faults: string[]): Promise<Held> {
  const hours = Math.abs(leap) >= HOUR
  const what = `${leap > 0 ? '+' : '-'}${Math.abs(leap) / (hours ? HOUR : MINUTE)} ${hours ? 'hours' : 'minutes'}`
  return holding(opened, what, wrongFor, faults, {
    wrong: () => opened.redis.shift(leap),
    right: () => opened.redis.shift(0),
  })
}

type Change = { readonly wrong: () => Promise<void> | void; readonly right: () => void }

async function holding(
  { stage, crew }: ClockStage,
  what: string,
  wrongFor: number,
  faults: string[],
  { wrong, right }: Change,
): Promise<Held> {
  const schedulers = crew.slice(0, 2)
  const before = schedulers.map((each) => [times('clock.held', each), times('clock.released', each)] as const)
  const allSaid = (text: string, which: 0 | 1): boolean =>
    schedulers.every((each, index) => times(text, each) > (before[index]?.[which] ?? 0))
  const leaptAt = performance.now()
  await wrong()
  await until(`${what}: both schedulers say that the clock is held`, () => allSaid('clock.held', 0), 70_000)
  const heldAfter = Math.round(performance.now() - leaptAt)
  await pause(500)
  const ran = stage.runs().length
  await pause(wrongFor)
  if (stage.runs().length > ran)
    faults.push(`${what}: ${stage.runs().length - ran} runs began while the clock was held`)
  const doctor = spawnSync(process.execPath, [...commandLine(), 'clock', 'show'], { env: stage.env, encoding: 'utf8' })
  if (doctor.status !== 4) faults.push(`${what}: \`morrow clock show\` ended with ${doctor.status}, expected 4`)
  right()
  const rightAt = performance.now()
  await until(`${what}: both schedulers say that it is released`, () => allSaid('clock.released', 1), 70_000)
  const releasedAfter = Math.round(performance.now() - rightAt)
  await until(`${what}: ticks run again`, () => stage.runs().length > ran, 20_000)
  return { what, heldAfter, releasedAfter }
}

/** Kills the primary and puts a replica in its place whose clock is a day ahead. */
async function failOver({ stage, redis, crew }: ClockStage, replica: ShiftedRedis, faults: string[]): Promise<Held> {
  await until('the replica has the data', async () => (await ask(replica.port, 'INFO')).includes('link_status:up'))
  const held = await holding({ stage, redis, crew }, 'a failover to a clock 26 hours ahead', WRONG_FOR, faults, {
    wrong: async () => {
      replica.shift(26 * HOUR)
      await redis.kill()
      await ask(replica.port, 'REPLICAOF NO ONE')
      symlinkSync(replica.socket, `${stage.redis.socket}.new`)
      renameSync(`${stage.redis.socket}.new`, stage.redis.socket)
    },
    right: () => replica.shift(0),
  })
  return held
}

/** Freezes a scheduler and the worker, which must not be taken for a clock that is wrong. */
export async function freeze({ stage, crew }: ClockStage, frozenFor: number, faults: string[]): Promise<void> {
  const alarms = (): number => crew.reduce((sum, each) => sum + times('clock.held', each), 0)
  const before = alarms()
  const frozen = crew.slice(1)
  for (const each of frozen) each.signal('SIGSTOP')
  await pause(frozenFor)
  for (const each of frozen) each.signal('SIGCONT')
  const ran = stage.runs().length
  await until('ticks run again', () => stage.runs().length > ran, 20_000)
  await pause(Math.min(frozenFor, 12_000))
  if (alarms() > before) faults.push(`${alarms() - before} alarms about clocks after processes were frozen`)
}

/** Ends the processes and proves that every tick is accounted for, none ran twice, and nothing began early. */
export async function conclude({ stage, crew }: ClockStage, faults: string[]) {
  const early = stage.runs().filter(({ late }) => late < 0)
  for (const { name, late } of early) faults.push(`a job of ${name} began ${-late} ms early`)
  await Promise.all(crew.map(dismiss))
  const proof = await finish(stage, ['soak']).then(() => prove(stage, PERIODS))
  faults.push(...proof.faults)
  return proof
}
