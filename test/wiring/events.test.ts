import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pino } from 'pino'
import type { MorrowEvent } from '../../src/job/events.ts'
import { emitter } from '../../src/wiring/events.ts'
import { logEvents } from '../../src/wiring/log.ts'

const started: MorrowEvent = { kind: 'process.started', role: 'worker', text: 'a worker' }

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('listeners are told after the turn in which something happened, and none disturbs the others', async () => {
  const told: string[] = []
  const broken = new Error('a listener that is broken')
  const emit = emitter([
    () => {
      throw broken
    },
    () => Promise.reject(broken),
    // A library's own kind of promise, which complains when nobody listens to it.
    () => Object.fromEntries([['then', (_: unknown, rejected: (error: Error) => void) => rejected(broken)]]) as never,
    () => new Promise<never>(() => undefined),
    undefined,
    ({ kind }) => {
      told.push(kind)
      if (told.length === 1) emit({ kind: 'clock.released', by: 'person' })
    },
  ])
  emit(started)
  emit({ kind: 'clock.held', apartMs: 1 })
  assert.deepEqual(told, [])
  await nextTurn()
  assert.deepEqual(told, ['process.started', 'clock.held'])
  await nextTurn()
  assert.deepEqual(told, ['process.started', 'clock.held', 'clock.released'])
})

test('an event is one line of the log, with what was thrown, also when that was nothing', () => {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const log = logEvents(pino({ level: 'info', base: null, timestamp: false }, stream))
  const failed = { id: 'i', job: 'j', queue: 'q', attempt: 1, attempts: 2, tookMs: 3 }
  log({ kind: 'job.failed', ...failed, error: undefined })
  log({ kind: 'job.completed', ...failed, lateMs: 0 })
  log(started)
  assert.deepEqual(lines, [
    {
      ...{ level: 40, event: 'job.failed', ...failed, msg: 'job.failed' },
      error: { name: 'NonError', message: 'undefined was thrown' },
    },
    { level: 30, event: 'process.started', role: 'worker', msg: 'a worker' },
  ])
})
