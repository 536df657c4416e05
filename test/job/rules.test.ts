import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { defineJob, type JobOptions } from '../../src/job/definition.ts'
import { InvalidJobError, NonRetryableError } from '../../src/job/errors.ts'
import { type Outcome, outcomeOf } from '../../src/job/outcome.ts'

class HttpError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`answered ${status}`)
    this.status = status
  }
}
class NotFound extends HttpError {}

const middle = (): number => 0.5
type Rules = Pick<Parameters<typeof defineJob>[0], 'retry' | 'retryOn' | 'discardOn'>
const policyOf = (rules: Rules) => defineJob({ name: 'job', ...rules }).retry
const told = (outcome: Outcome): unknown => {
  switch (outcome.kind) {
    case 'retry':
      return [outcome.delay, outcome.rule]
    case 'dead':
      return outcome.reason
    case 'discarded':
      return `discarded ${outcome.reason}`
    case 'completed':
    case 'snoozed':
    case 'handed-back':
      return outcome.kind
  }
}
const becomes = (rules: Rules, error: unknown, attempt = 1, counted: Readonly<Record<string, number>> = {}): unknown =>
  told(outcomeOf({ kind: 'thrown', error }, policyOf(rules), { attempt, counted }, middle))

const wait = (wait: '1s' | '2s' | '3s') => ({ backoff: { kind: 'fixed', wait } }) as const
const retry = { attempts: 4, jitter: 0, ...wait('1s') }

test('the first rule that is about an error counts: by class, name, code, the name of a class above, or a function', () => {
  const rules: Rules = {
    retry,
    retryOn: [
      { error: NotFound, ...wait('2s') },
      { error: [RangeError, 'ECONNRESET'], ...wait('3s') },
      { error: 'HttpError' },
      { error: (error) => error === 'odd', attempts: 1 },
    ],
  }
  assert.deepEqual(becomes(rules, new NotFound(404)), [2_000, 'NotFound'])
  assert.deepEqual(becomes(rules, new RangeError('far')), [3_000, 'RangeError | ECONNRESET'])
  assert.deepEqual(becomes(rules, Object.assign(new Error('gone'), { code: 'ECONNRESET' })), [
    3_000,
    'RangeError | ECONNRESET',
  ])
  assert.deepEqual(becomes(rules, new HttpError(500)), [1_000, 'HttpError'])
  assert.equal(becomes(rules, 'odd'), 'attempts')
  assert.deepEqual(becomes(rules, new Error('other')), [1_000, undefined])
})

test('each rule counts its own failures, and the policy those that no rule has counted', () => {
  const rules: Rules = { retry, retryOn: [{ error: NotFound, attempts: 2 }, { error: RangeError }] }
  const counted = { NotFound: 1, RangeError: 3 }
  assert.equal(becomes(rules, new NotFound(404), 5, counted), 'attempts')
  assert.equal(becomes(rules, new RangeError('far'), 5, counted), 'attempts')
  assert.deepEqual(becomes(rules, new RangeError('far'), 5, { NotFound: 1, RangeError: 2 }), [1_000, 'RangeError'])
  assert.deepEqual(becomes(rules, new Error('other'), 7, counted), [1_000, undefined])
  assert.equal(becomes(rules, new Error('other'), 8, counted), 'attempts')
})

test('what is to be discarded is looked for first, and what is never retried before the rules that retry', () => {
  class Refused extends NonRetryableError {
    override readonly name = 'Refused'
  }
  const rules: Rules = { retry, retryOn: [{ error: Error }], discardOn: [{ error: NotFound }] }
  assert.equal(becomes(rules, new NotFound(404)), 'discarded Error: answered 404')
  assert.equal(becomes(rules, new NonRetryableError('no')), 'not-retryable')
  assert.equal(becomes(rules, new Refused('no')), 'not-retryable')
  assert.equal(becomes({ discardOn: [{ error: Refused }] }, new Refused('no')), 'discarded Refused: no')
  const foreign: unknown = runInNewContext(`Object.assign(new Error('no'), { name: 'NonRetryableError' })`)
  assert.equal(becomes(rules, foreign), 'not-retryable')
})

test('a class of another realm is taken for a class, and is about its errors', () => {
  const [Foreign, error]: unknown[] = runInNewContext(`class Foreign extends Error {}; [Foreign, new Foreign('far')]`)
  const policy = Reflect.apply(defineJob, undefined, [
    { name: 'job', retryOn: [{ error: Foreign, attempts: 1 }] },
  ]).retry
  assert.equal(told(outcomeOf({ kind: 'thrown', error }, policy, { attempt: 1 }, middle)), 'attempts')
})

test('a rule that throws is passed over, and that is said', () => {
  const broken = (): boolean => {
    throw new Error('broken')
  }
  const policy = policyOf({
    retry,
    retryOn: [
      { error: broken, attempts: 1 },
      { error: Error, ...wait('2s') },
    ],
  })
  const outcome = outcomeOf({ kind: 'thrown', error: new Error('x') }, policy, { attempt: 1 }, middle)
  assert.ok(outcome.kind === 'retry')
  assert.deepEqual([outcome.delay, outcome.rule], [2_000, 'Error'])
  assert.match(outcome.fault ?? '', /^retryOn\[0\] could not be asked, so it was passed over: Error: broken/)
  const hostile = new Proxy(new Error('x'), {
    getPrototypeOf: () => {
      throw new Error('no')
    },
  })
  assert.equal(outcomeOf({ kind: 'thrown', error: hostile }, policy, { attempt: 1 }, middle).kind, 'retry')
})

test('rules about the same errors have counters of their own', () => {
  const { rules } = policyOf({ retryOn: [{ error: 'E' }, { error: 'E' }, { error: ['E', 'F'] }] })
  assert.deepEqual(
    rules.map(({ label }) => label),
    ['E', 'E (2)', 'E | F'],
  )
})

test('a rule takes from the policy what it does not say, and a time of its own brings attempts', () => {
  const { rules } = policyOf({
    retry,
    retryOn: [
      { error: 'E', for: '1h' },
      { error: 'F', attempts: 2 },
    ],
  })
  const limits = rules.flatMap((rule) => (rule.kind === 'retry' ? [rule.limits] : []))
  assert.deepEqual(
    limits.map(({ attempts, for: length, jitter }) => [attempts, length, jitter]),
    [
      [1_000, 3_600_000, 0],
      [2, null, 0],
    ],
  )
})

test('wrong rules are refused with all faults at once', () => {
  const bad: unknown = {
    name: 'job',
    retry: { for: 'long' },
    retryOn: [{ error: 5 }, { error: Error, atempts: 3 }, { attempts: 0 }, { error: [] }, null],
    discardOn: { error: Error },
  }
  assert.throws(
    () => defineJob(bad as JobOptions<never, never>),
    (error) => {
      assert.ok(error instanceof InvalidJobError)
      const all = error.faults.join('\n')
      for (const text of [
        /^retry\.for: /m,
        /^retryOn\[0\]\.error: must be a class of errors, a name, or a function that answers a boolean, got 5$/m,
        /^retryOn\[1\]: there is no option "atempts": did you mean 'attempts'\?$/m,
        /^retryOn\[2\]\.error: .*got undefined$/m,
        /^retryOn\[2\]\.attempts: must be a whole number from 1 to 1000, got 0$/m,
        /^retryOn\[3\]\.error: must say which errors, got an empty list$/m,
        /^retryOn\[4\]: must be an object/m,
        /^discardOn: must be a list of at most 50 rules such as \[\{ error: TimeoutError \}\], got \{\}$/m,
      ]) {
        assert.match(all, text)
      }
      return true
    },
  )
})
