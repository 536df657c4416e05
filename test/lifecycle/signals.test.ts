import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { handleSignals } from '../../src/lifecycle/signals.ts'
import { duration } from '../../src/time/clock.ts'
import { fakeClock } from '../support/fake-clock.ts'

/** A process with handlers of which the test decides when its stopping is done. */
function handled() {
  const clock = fakeClock()
  const source = new EventEmitter()
  const seen = { stops: 0, hurried: false, exits: [] as number[], fault: undefined as unknown }
  let settle = { done: (): void => undefined, failed: (_error: Error): void => undefined }
  const remove = handleSignals({
    clock,
    source,
    deadline: duration(25_000),
    stop: (hurry) => {
      seen.stops += 1
      hurry.addEventListener('abort', () => {
        seen.hurried = true
      })
      return new Promise((done, failed) => {
        settle = { done, failed }
      })
    },
    exit: (code, fault) => {
      seen.exits.push(code)
      seen.fault = fault
    },
  })
  const finish = async (): Promise<void> => {
    settle.done()
    await clock.advance(duration(0))
  }
  return { clock, source, seen, remove, finish, fail: (error: Error) => settle.failed(error) }
}

test('SIGTERM, three times, is one graceful stop and exit 143', async () => {
  const { clock, source, seen, finish } = handled()
  source.emit('SIGTERM')
  await clock.advance(duration(1_000))
  source.emit('SIGTERM')
  source.emit('SIGTERM')
  assert.deepEqual(seen, { stops: 1, hurried: false, exits: [], fault: undefined })
  await finish()
  assert.deepEqual(seen.exits, [143])
})

test('stopping is told to hurry at the deadline, and the process ends 3 s later at the latest', async () => {
  const { clock, source, seen } = handled()
  source.emit('SIGTERM')
  await clock.advance(duration(24_999))
  assert.equal(seen.hurried, false)
  await clock.advance(duration(1))
  assert.equal(seen.hurried, true)
  await clock.advance(duration(2_999))
  assert.deepEqual(seen.exits, [])
  await clock.advance(duration(1))
  assert.deepEqual(seen.exits, [143])
})

test('a second Ctrl-C means now, and the exit code is 130', async () => {
  const { clock, source, seen, finish } = handled()
  source.emit('SIGINT')
  await clock.advance(duration(1_000))
  source.emit('SIGINT')
  await clock.advance(duration(0))
  assert.equal(seen.hurried, true)
  await finish()
  assert.deepEqual(seen.exits, [130])
  assert.equal(seen.stops, 1)
})

test('a Ctrl-C that npm passes on beside the terminal counts once', async () => {
  const { clock, source, seen } = handled()
  source.emit('SIGINT')
  await clock.advance(duration(5))
  source.emit('SIGINT')
  await clock.advance(duration(0))
  assert.equal(seen.hurried, false)
})

test('a stop that fails is exit 1 with the fault', async () => {
  const { clock, source, seen, fail } = handled()
  source.emit('SIGTERM')
  fail(new Error('settle lost'))
  await clock.advance(duration(0))
  assert.deepEqual(seen.exits, [1])
  assert.match(String(seen.fault), /settle lost/)
})

test('removed handlers hear nothing', () => {
  const { source, seen, remove } = handled()
  remove()
  source.emit('SIGTERM')
  source.emit('SIGINT')
  assert.equal(seen.stops, 0)
  assert.equal(source.listenerCount('SIGTERM') + source.listenerCount('SIGINT'), 0)
})
