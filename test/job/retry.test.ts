import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidJobError } from '../../src/job/errors.ts'
import { outcomeOf } from '../../src/job/outcome.ts'
import { type BackoffOptions, retryPolicy, waitAfter } from '../../src/job/retry.ts'
import { LONGEST } from '../../src/time/duration.ts'

const middle = (): number => 0.5
const failure = new Error('refused')
const waits = (backoff: BackoffOptions, count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => waitAfter(retryPolicy({ backoff }), n + 1, failure, middle))

test('unless said otherwise a job is tried 12 times, n^4 + 10 s apart, about 11 hours in all', () => {
  const policy = retryPolicy()
  assert.equal(policy.attempts, 12)
  const all = Array.from({ length: 11 }, (_, n) => waitAfter(policy, n + 1, failure, middle))
  assert.deepEqual(all.slice(0, 3), [11_000, 26_000, 91_000])
  const hours = all.reduce((sum, wait) => sum + wait, 0) / 3_600_000
  assert.ok(hours > 10.5 && hours < 11.5, String(hours))
})

test('chance makes a wait at most 15 % shorter or longer', () => {
  const policy = retryPolicy()
  assert.equal(
    waitAfter(policy, 1, failure, () => 0),
    9_350,
  )
  assert.equal(
    waitAfter(policy, 1, failure, () => 1),
    12_650,
  )
  assert.equal(
    waitAfter(retryPolicy({ jitter: 0 }), 1, failure, () => 0),
    11_000,
  )
})

test('a wait may be fixed, exponential, polynomial, or what a function says', () => {
  assert.deepEqual(waits({ kind: 'fixed', wait: '30s' }, 3), [30_000, 30_000, 30_000])
  assert.deepEqual(waits({ kind: 'exponential' }, 3), [10_000, 20_000, 40_000])
  assert.deepEqual(waits({ kind: 'exponential', first: '1s', factor: 3, longest: '5s' }, 3), [1_000, 3_000, 5_000])
  assert.deepEqual(waits({ kind: 'polynomial', power: 2, plus: '1s' }, 3), [2_000, 5_000, 10_000])
  assert.deepEqual(
    waits((n) => ({ minutes: n }), 2),
    [60_000, 120_000],
  )
})

test('a function is asked with the error, and chance leaves its answer alone', () => {
  const seen: unknown[] = []
  const policy = retryPolicy({ backoff: (failures, error) => (seen.push(failures, error) > 0 ? '7s' : '8s') })
  assert.equal(
    waitAfter(policy, 3, failure, () => 0),
    7_000,
  )
  assert.deepEqual(seen, [3, failure])
})

test('every wait is whole milliseconds between nothing and 10 years', () => {
  const backoffs = fc.oneof(
    fc.constant<BackoffOptions>('polynomial'),
    fc.record({ kind: fc.constant('polynomial' as const), power: fc.double({ min: 0, max: 10, noNaN: true }) }),
    fc.record({ kind: fc.constant('exponential' as const), factor: fc.double({ min: 1, max: 100, noNaN: true }) }),
  )
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(backoffs, fc.integer({ min: 1, max: 1_000 }), chance, chance, (backoff, failures, jitter, random) => {
      const wait = waitAfter(retryPolicy({ backoff, jitter }), failures, failure, () => random)
      assert.ok(Number.isInteger(wait) && wait >= 0 && wait <= LONGEST, String(wait))
    }),
  )
})

test('a policy says all its faults at once', () => {
  const read = (options: unknown): unknown => Reflect.apply(retryPolicy, undefined, [options])
  assert.throws(
    () =>
      read({ attempts: 1.5, jitter: Number.NaN, backoff: { kind: 'exponential', first: 10, factor: 0, longst: '1h' } }),
    (error) => {
      assert.ok(error instanceof InvalidJobError)
      const [attempts, longest, first, factor, jitter] = error.faults
      assert.match(attempts ?? '', /^retry\.attempts: must be a whole number from 1 to 1000, got 1\.5/)
      assert.match(longest ?? '', /^retry\.backoff: there is no option "longst": did you mean 'longest'\?/)
      assert.match(first ?? '', /^retry\.backoff\.first: .*say '10s'/)
      assert.match(factor ?? '', /^retry\.backoff\.factor: must be a number from 1 to 100, got 0/)
      assert.match(jitter ?? '', /^retry\.jitter: must be a number from 0 to 1, got NaN/)
      return true
    },
  )
  for (const backoff of [{ kind: 'linear' }, 'exponential', 5, null])
    assert.throws(() => read({ backoff }), /retry\.backoff/)
  assert.throws(() => read(5), /retry: must be an object with attempts, backoff, jitter, for, got 5/)
})

test('a failed attempt is tried again, and the last one is dead', () => {
  const policy = retryPolicy({ attempts: 2, jitter: 0 })
  const first = outcomeOf({ kind: 'thrown', error: failure }, policy, { attempt: 1 }, middle)
  assert.equal(first.kind, 'retry')
  assert.equal(first.kind === 'retry' && first.delay, 11_000)
  assert.equal(first.kind === 'retry' && first.error.message, 'refused')
  for (const attempt of [2, 3]) {
    const last = outcomeOf({ kind: 'thrown', error: failure }, policy, { attempt }, middle)
    assert.equal(last.kind === 'dead' && last.reason, 'attempts')
  }
})

test('a payload that fails its schema at run is dead at once', () => {
  const outcome = outcomeOf({ kind: 'payload', error: failure }, retryPolicy(), { attempt: 1 }, middle)
  assert.equal(outcome.kind === 'dead' && outcome.reason, 'payload')
})

test('a backoff function that fails costs no attempt and is said', () => {
  const broken: readonly BackoffOptions[] = [
    () => {
      throw new Error('broken')
    },
    () => Reflect.get({ answer: 10 }, 'answer'),
    () => Reflect.get({}, 'answer'),
  ]
  for (const backoff of broken) {
    const outcome = outcomeOf({ kind: 'thrown', error: failure }, retryPolicy({ backoff }), { attempt: 1 }, middle)
    assert.equal(outcome.kind === 'retry' && outcome.delay, 11_000)
    assert.match(
      (outcome.kind === 'retry' && outcome.fault) || '',
      /^retry\.backoff failed, so the usual wait was taken: /,
    )
  }
})

test('with a time the job is tried until it is over, with a last attempt at its end', () => {
  const policy = retryPolicy({ for: '1h', backoff: { kind: 'fixed', wait: '25m' } })
  assert.equal(policy.attempts, 1_000)
  assert.equal(retryPolicy({ for: '1h', attempts: 3 }).attempts, 3)
  const at = (minutes: number) =>
    outcomeOf({ kind: 'thrown', error: failure }, policy, { attempt: 99, ageMs: minutes * 60_000 }, middle)
  const delayAt = (minutes: number): unknown => {
    const outcome = at(minutes)
    return outcome.kind === 'retry' ? outcome.delay / 60_000 : outcome.kind === 'dead' && outcome.reason
  }
  assert.deepEqual([0, 35, 50, 59, 60, 61].map(delayAt), [25, 25, 10, 1, 'too-long', 'too-long'])
})
