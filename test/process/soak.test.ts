// Short forms of the soaks: `npm run soak -- NAME` runs the full ones, whose reports stand in docs/soak.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conclude, freeze, leapOnce, openClockStage } from '../soak/clock.ts'
import { areInForce, awaitWave, filesOf, type Herd, wrongIn } from '../soak/herd.ts'
import { kill } from '../soak/kill.ts'
import { rolling } from '../soak/rolling.ts'
import { hasCompiler } from '../soak/shifted-redis.ts'
import { openStage } from '../soak/stage.ts'
import { until } from '../support/until.ts'

const SEED = 20_261_123
const quiet = { seed: SEED, minutes: 1, say: (): void => undefined }

describe('soaks, shortened', { concurrency: true }, () => {
  test('schedulers that are killed or frozen at random moments miss no tick, double none, and leave none unexplained', async (context) => {
    const { rounds, faults } = await kill.run({ ...quiet, rounds: 15, end: context })
    assert.deepEqual([rounds, faults], [15, []])
  })

  test('rolling restarts miss no tick', async (context) => {
    const { rounds, faults } = await rolling.run({ ...quiet, rounds: 6, end: context })
    assert.deepEqual([rounds, faults], [6, []])
  })

  test('of 300 schedules that are due at one second each runs once, and so do delayed jobs beside them', async (context) => {
    const herd: Herd = { schedules: 300, period: 5_000, timing: 'every: 5s' }
    const stage = await openStage(context, filesOf(herd))
    for (const role of ['scheduler', 'worker'] as const) await stage.up(stage.start(role))
    await until('all schedules to be in force', () => areInForce(stage, herd), 30_000)
    assert.deepEqual(wrongIn(await awaitWave(stage, herd), herd), [])
  })

  const skip = hasCompiler() ? false : 'there is no C compiler, with which the clock of Redis is shifted'
  test('a clock that leaps by a day is held and said, fires nothing early, and is released; processes that freeze hold none', {
    skip,
  }, async (context) => {
    const opened = await openClockStage({ end: context })
    const faults: string[] = []
    await leapOnce(opened, 26 * 3_600_000, 1_000, faults)
    await freeze(opened, 1_000, faults)
    await conclude(opened, faults)
    assert.deepEqual(faults, [])
  })
})
