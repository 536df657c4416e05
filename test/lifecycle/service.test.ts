import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServiceParts, StoppedError, service } from '../../src/lifecycle/service.ts'

/** Parts that note what is called, with the given ones laid over. */
function noted(over: Partial<ServiceParts> = {}) {
  const calls: string[] = []
  const parts: ServiceParts = {
    name: 'worker',
    start: async (signal) => {
      calls.push('start')
      await over.start?.(signal)
    },
    run: async (signal) => {
      calls.push('run')
      await (over.run?.(signal) ?? aborted(signal))
    },
    stop: async () => {
      calls.push('stop')
      await over.stop?.()
    },
  }
  return { calls, it: service(parts) }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

test('a service is started once and stopped once, whoever asks how often', async () => {
  const { calls, it } = noted()
  assert.equal(it.state(), 'new')
  assert.equal(it.start(), it.start())
  assert.equal(it.state(), 'starting')
  await it.start()
  assert.equal(it.state(), 'running')
  const stopping = it.stop()
  assert.equal(it.state(), 'stopping')
  assert.equal(it.stop(), stopping)
  await stopping
  await it.ended
  assert.equal(it.state(), 'stopped')
  assert.deepEqual(calls, ['start', 'run', 'stop'])
})

test('a service is stopped at the end of its scope', async () => {
  const { calls, it } = noted()
  {
    await using scoped = it
    await scoped.start()
  }
  assert.deepEqual(calls, ['start', 'run', 'stop'])
})

test('stopping waits for the running work to wind up before it closes', async () => {
  const order: string[] = []
  const { it } = noted({
    run: async (signal) => {
      await aborted(signal)
      await new Promise((resolve) => setImmediate(resolve))
      order.push('wound up')
    },
    stop: async () => void order.push('closed'),
  })
  await it.start()
  await it.stop()
  assert.deepEqual(order, ['wound up', 'closed'])
})

test('a service that is stopped while it starts closes what it opened and never runs', async () => {
  const { calls, it } = noted({ start: aborted })
  const starting = it.start()
  await it.stop()
  await assert.rejects(starting, StoppedError)
  assert.deepEqual(calls, ['start', 'stop'])
  assert.equal(it.state(), 'stopped')
})

test('a service that was never started stops without calling anything, and cannot be started then', async () => {
  const { calls, it } = noted()
  await it.stop()
  await assert.rejects(it.start(), /worker has been stopped; a service lives once/)
  assert.deepEqual(calls, [])
})

test('a failed start is cleaned up, and says why to everyone who asks', async () => {
  const { calls, it } = noted({ start: () => Promise.reject(new Error('no Redis')) })
  await assert.rejects(it.start(), /no Redis/)
  await assert.rejects(it.start(), /no Redis/)
  assert.deepEqual(calls, ['start', 'stop'])
  await it.stop()
  assert.equal(it.state(), 'stopped')
})

test('a start and a close that both fail are both told', async () => {
  const { it } = noted({
    start: () => Promise.reject(new Error('one')),
    stop: () => Promise.reject(new Error('two')),
  })
  const both = (error: unknown): boolean => error instanceof AggregateError && error.errors.length === 2
  await assert.rejects(it.start(), both)
})

test('a service whose work fails closes itself, and its end says why', async () => {
  const { calls, it } = noted({ run: () => Promise.reject(new Error('main loop broken')) })
  await it.start()
  await assert.rejects(it.ended, /main loop broken/)
  await assert.rejects(it.stop(), /main loop broken/)
  assert.deepEqual(calls, ['start', 'run', 'stop'])
})

test('a service whose work is finished closes itself', async () => {
  const { calls, it } = noted({ run: async () => undefined })
  await it.start()
  await it.ended
  assert.deepEqual(calls, ['start', 'run', 'stop'])
})

test('to hurry stops nothing by itself, and makes a stop wait no longer', async () => {
  const patience = new AbortController()
  const it = service({
    name: 'worker',
    start: async () => undefined,
    run: async (signal) => {
      await aborted(signal)
      await aborted(patience.signal)
    },
    stop: async () => undefined,
    hurry: () => patience.abort(),
  })
  await it.start()
  const stopping = it.stop()
  it.hurry()
  await stopping
  const other = service({ name: 'page', start: async () => undefined, stop: async () => undefined })
  await other.start()
  other.hurry()
  assert.equal(other.state(), 'running')
  await other.stop()
})
