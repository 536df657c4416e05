import type { TestContext } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { HOUR, SECOND } from '../../src/time/duration.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { openFolder, schedulesOf } from '../flow/folder.ts'
import { openWorld, type World } from '../flow/world.ts'
import { type Ran, userProject } from './support.ts'

/** A namespace with a past that schedulers have written, and the command line that looks at it now. */
export type PastWorld = {
  readonly world: World
  /** The instants, in ISO, of the hourly ticks that were decided on, oldest first. */
  readonly ticks: readonly string[]
  /** The instant of the tick that comes in half an hour. */
  readonly next: string
  /** Runs `morrow schedule …` there. */
  schedule(...words: readonly string[]): Promise<Ran>
}

const HOURS = 5

/**
 * A schedule `hourly` that was put in force five and a half hours before now and has ticked since; `between` is called right after
 * each tick, with the number of ticks that were decided on. No tick is due while the test runs.
 */
export async function pastWorld(
  context: TestContext,
  between: (ticked: number, schedule: PastWorld['schedule'], world: World) => Promise<void> = async () => undefined,
): Promise<PastWorld> {
  const now = Math.floor(systemClock.now() / SECOND) * SECOND
  const next = now + HOUR / 2
  const world = await openWorld(new Date(next - (HOURS + 1) * HOUR).toISOString())
  const project = await userProject(context)
  const schedule: PastWorld['schedule'] = (...words) =>
    project.run('schedule', ...words, '--prefix', world.store.prefix)
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: `every: 1h, offset: ${(next % HOUR) / SECOND}s` }))
  await folder.apply(world, { tz: process.versions['tz'] ?? 'unknown' })
  const scheduler = world.scheduler()
  for (let hour = 1; hour <= HOURS; hour++) {
    await world.pass(duration(HOUR))
    await scheduler.tick()
    await between(hour, schedule, world)
  }
  const ticks = Array.from({ length: HOURS }, (_, index) => new Date(next - (HOURS - index) * HOUR).toISOString())
  return { world, ticks, next: new Date(next).toISOString(), schedule }
}
