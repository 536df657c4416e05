import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from '../../src/lifecycle/deadline.ts'
import { bell, loop } from '../../src/lifecycle/loop.ts'
import { type Duration, duration } from '../../src/time/clock.ts'
import { fakeClock } from '../support/fake-clock.ts'

const unexpected = (error: unknown): never => {
  throw error
}

function running(
  answers: (round: number) => Duration,
  onError: (error: unknown, failures: number) => void = unexpected,
) {
  const clock = fakeClock()
  const start = clock.monotonic()
  const stop = new AbortController()
  const wake = bell()
  const ticks: number[] = []
  const tick = async (): Promise<Duration> => {
    ticks.push(clock.monotonic() - start)
    return answers(ticks.length)
  }
  const ended = loop({ tick, clock, signal: stop.signal, onError, wake })
  return { clock, stop, wake, ticks, ended }
}

test('a loop rests as long as each tick answers', async () => {
  const { clock, stop, ticks, ended } = running((round) => duration(round * 100))
  await clock.advance(duration(600))
  assert.deepEqual(ticks, [0, 100, 300, 600])
  stop.abort()
  await ended
  await clock.advance(duration(10_000))
  assert.equal(ticks.length, 4)
})

test('a rest of nothing is no rest', async () => {
  const { clock, stop, ticks, ended } = running((round) => duration(round < 3 ? 0 : 50))
  await clock.resting()
  assert.deepEqual(ticks, [0, 0, 0])
  stop.abort()
  await ended
})

test('a ring ends the rest', async () => {
  const { clock, stop, wake, ticks, ended } = running(() => duration(1_000))
  await clock.advance(duration(300))
  wake.ring()
  await clock.advance(duration(0))
  assert.deepEqual(ticks, [0, 300])
  assert.deepEqual(clock.rests(), [1_000])
  stop.abort()
  await ended
})

test('a ring during a tick skips the rest that follows, once', async () => {
  const ring = { now: (): void => undefined }
  const { clock, stop, wake, ticks, ended } = running((round) => {
    if (round === 2) ring.now()
    return duration(100)
  })
  ring.now = () => {
    wake.ring()
    wake.ring()
  }
  await clock.advance(duration(250))
  assert.deepEqual(ticks, [0, 100, 100, 200])
  stop.abort()
  await ended
})

test('a tick that throws is told, and tried again after a rest that doubles up to 5 s, which no ring cuts short', async () => {
  const failures: number[] = []
  const failing = (round: number): Duration => {
    if (round === 1 || round > 9) return duration(1_000)
    throw new Error('Redis is down')
  }
  const { clock, stop, wake, ticks, ended } = running(failing, (_error, count) => failures.push(count))
  await clock.advance(duration(1_000))
  wake.ring()
  await clock.advance(duration(20_000))
  assert.deepEqual(failures, [1, 2, 3, 4, 5, 6, 7, 8])
  const gaps = ticks.slice(1).map((at, index) => at - (ticks[index] ?? 0))
  assert.deepEqual(gaps.slice(0, 9), [1_000, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  stop.abort()
  await ended
})

test('the tick under way is finished before a loop ends', async () => {
  const stop = new AbortController()
  const order: string[] = []
  const tick = async (): Promise<Duration> => {
    stop.abort()
    await new Promise((resolve) => setImmediate(resolve))
    order.push('tick finished')
    return duration(1_000)
  }
  await loop({ tick, clock: fakeClock(), signal: stop.signal, onError: unexpected })
  assert.deepEqual(order, ['tick finished'])
})

test('an observer that throws ends the loop with its fault', async () => {
  const { ended } = running(
    () => {
      throw new Error('tick')
    },
    () => {
      throw new Error('observer')
    },
  )
  await assert.rejects(ended, /observer/)
})

test('work that is done in time answers its value and leaves no timer behind', async () => {
  const clock = fakeClock()
  assert.deepEqual(await within(Promise.resolve(7), duration(1_000), clock), { kind: 'done', value: 7 })
  assert.deepEqual(clock.rests(), [])
  await assert.rejects(within(Promise.reject(new Error('broken')), duration(1_000), clock), /broken/)
})

test('work that takes longer is late, and its late rejection is not a fault of the process', async () => {
  const clock = fakeClock()
  let fail = (_error: Error): void => undefined
  const work = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const awaited = within(work, duration(1_000), clock)
  await clock.advance(duration(1_000))
  assert.deepEqual(await awaited, { kind: 'late' })
  fail(new Error('too late'))
  await clock.advance(duration(1))
})
