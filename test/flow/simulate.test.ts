import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseQueues } from '../../src/config.ts'
import { defineJob } from '../../src/job/definition.ts'
import { readScheduleFiles } from '../../src/schedule/files.ts'
import type { LedgerEntry } from '../../src/schedule/ledger.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { DAY, MINUTE } from '../../src/time/duration.ts'
import { type Simulation, simulate } from '../../src/wiring/simulate.ts'
import { freePrefix } from '../support/redis.ts'
import { openFolder } from './folder.ts'
import { openWorld, type World } from './world.ts'

const FILE = `defaults: { job: note, queue: notes }
schedules:
  allow: { cron: '*/10 * * * *' }
  skip: { cron: '*/10 * * * *', overlap: skip, missed: skip, deadline: 20m }
  queue-one: { cron: '*/15 * * * *', overlap: queue-one, missed: once }
  cancel-previous: { cron: '5/10 * * * *', overlap: cancel-previous }
  all: { cron: '*/20 * * * *', missed: { policy: all, max: 2 } }
  limited: { cron: '*/30 * * * *', limit: 5 }
  quiet: { cron: '0 * * * *', exclude: night }
  night: { cron: '30 1 * * *', tz: Europe/London }
  twice: { cron: '*/20 1 * * *', tz: Europe/London }
`
const CALENDARS = `calendars:
  night: { weekly: [{ days: sat-sun, from: '02:00', to: '04:00' }] }
`
const HOURS = 6

type Case = { readonly start: string; readonly outage: readonly [number, number]; readonly takes: number }

const note = defineJob({ name: 'note', queue: 'notes' })

/** Lets the world live minute by minute, with a scheduler that is gone for a while. */
async function live(world: World, { outage, takes }: Case): Promise<void> {
  const sleep = (): Promise<void> => world.clock.sleep(duration(takes * MINUTE))
  const worker = world.worker([{ ...note.handle(() => undefined), run: sleep }], {
    concurrency: 10,
    lease: duration(DAY),
  })
  const work = async (): Promise<void> => {
    worker.hear('ready notes')
    while ((await worker.tick()) <= 0);
  }
  let scheduler = world.scheduler()
  for (let minute = 1; minute <= HOURS * 60; minute++) {
    await world.pass(MINUTE)
    await work()
    if (minute === outage[1]) scheduler = world.scheduler()
    if (minute >= outage[0] && minute < outage[1]) continue
    scheduler.hear('due notes')
    while ((await scheduler.tick()) <= 0);
    await work()
  }
}

const line = ({ fate, first, last, count, lateness, job, into }: Omit<LedgerEntry, 'at' | 'context' | 'decidedBy'>) =>
  [fate, first, last, count, lateness, job, into].join(' ')

/** What each schedule's ledger tells after its application; a schedule of which it tells nothing is left out. */
async function ledgers({ store }: World): Promise<Readonly<Record<string, readonly string[]>>> {
  const all = await store.schedules.list()
  const read = await Promise.all(all.map((each) => store.schedules.ledger(each, 0, -1)))
  const told = all.map(({ name }, i) => [name, (read[i]?.entries ?? []).slice(1).map(line)] as const)
  return Object.fromEntries(told.filter(([, lines]) => lines.length > 0))
}

function simulated({ steps }: Simulation): Readonly<Record<string, readonly string[]>> {
  const decisions = steps.filter((step) => step.kind === 'tick')
  const names = [...new Set(decisions.map(({ schedule }) => schedule))]
  return Object.fromEntries(
    names.map((name) => [name, decisions.filter(({ schedule }) => schedule === name).map(line)]),
  )
}

async function both(context: TestContext, one: Case) {
  const world = await openWorld(one.start)
  const folder = openFolder(context)
  folder.write('a.yml', FILE)
  mkdirSync(join(folder.path, 'calendars'))
  folder.write('calendars/b.yml', CALENDARS)
  const { schedules: definitions } = await readScheduleFiles(folder.path, { defaultZone: 'UTC' })
  // Hands are few after the outage, and who is first goes by id where several are due at one instant.
  for (const [index, { name }] of definitions.entries())
    await world.store.schedules.settle(name, { id: String(index).padStart(16, '0'), queue: 'notes' })
  assert.deepEqual((await folder.apply(world)).faults, [])
  const from = instant(Date.parse(one.start))
  const after = (minutes: number) => instant(from + minutes * MINUTE)
  const simulation = await simulate({
    connection: world.store.connection,
    below: freePrefix(),
    definitions,
    from,
    to: after(HOURS * 60),
    outages: [{ from: after(one.outage[0]), to: after(one.outage[1]) }],
    pauses: [],
    takes: duration(one.takes * MINUTE),
    queues: parseQueues('*'),
    concurrency: 10,
    signal: new AbortController().signal,
  })
  await live(world, one)
  return { simulation, lived: await ledgers(world) }
}

for (const one of [
  { start: '2026-03-29T00:00:00Z', outage: [47, 118], takes: 12 },
  { start: '2026-10-25T00:00:00Z', outage: [30, 31], takes: 25 },
  { start: '2026-06-06T00:00:00Z', outage: [100, 300], takes: 45 },
] satisfies Case[]) {
  test(`what a simulation shows from ${one.start} on is what scheduler and worker do then`, async (context) => {
    const { simulation, lived } = await both(context, one)
    assert.deepEqual(simulated(simulation), lived)
    assert.deepEqual(
      simulation.audits.flatMap(({ differences }) => differences),
      [],
    )
  })
}
