import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, parseQueues, readConfig } from '../../src/config.ts'

test('queues are taken from in the order written, with caps and a rest', () => {
  const order = [
    { kind: 'queue', name: 'critical', cap: undefined },
    { kind: 'queue', name: 'mail', cap: 50 },
    { kind: 'rest', cap: 2 },
  ]
  assert.deepEqual(parseQueues('critical, mail:50,*:2'), order)
  assert.deepEqual(parseQueues(['critical', 'mail:50', '*:2']), order)
  assert.deepEqual(readConfig({ QUEUE: 'critical,mail:50,*:2' }).queues, order)
})

test('queues are named by globs, excluded, and weighted', () => {
  assert.deepEqual(parseQueues('critical, low-* , !low-test, *'), [
    { kind: 'queue', name: 'critical', cap: undefined },
    { kind: 'glob', name: 'low-*', cap: undefined },
    { kind: 'not', name: 'low-test' },
    { kind: 'rest', cap: undefined },
  ])
  assert.deepEqual(parseQueues('mail=3:50, low-*=2,*=1'), [
    { kind: 'queue', name: 'mail', cap: 50, weight: 3 },
    { kind: 'glob', name: 'low-*', cap: undefined, weight: 2 },
    { kind: 'rest', cap: undefined, weight: 1 },
  ])
})

test('a weight, a cap or an exclusion that cannot be meant is refused with what was written', () => {
  const wrong: readonly (readonly [raw: string, fault: RegExp])[] = [
    ['mail=0', /a whole number from 1 to 999 after = .* got "mail=0"/],
    ['mail=', /after = .* got "mail="/],
    ['mail:3=2', /the weight before the cap, as in mail=3:50, got "mail:3=2"/],
    ['*,!mail:3', /neither a weight nor a cap for what is excluded, got "!mail:3"/],
    ['mail,!mail', /mail is named, and !mail excludes it; keep one of them/],
    ['mail,*,!m*', /mail is named, and !m\* excludes it/],
    ['mail,!test', /!test excludes from nothing; say from what, as in \*,!test/],
    ['!test', /excludes from nothing/],
    ['*,!*', /"!\*" excludes every queue/],
    ['low-*,low-*:2', /"low-\*" stands twice/],
    ['-*', /a queue name must be .* got "-\*"/],
    ['morrow.*', /a queue name must be .* got "morrow\.\*"/],
  ]
  for (const [raw, fault] of wrong) assert.throws(() => parseQueues(raw), fault, raw)
})

test('every fault of a list of queues is told at once', () => {
  try {
    parseQueues('mail:0,*,low,mail,*:3,-x,', 'QUEUES')
    assert.fail('expected a ConfigError')
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.equal(error.faults.length, 5)
    assert.match(error.faults.join('\n'), /expected a whole number from 1 after the colon .* got "mail:0"/)
    assert.match(error.faults.join('\n'), /"mail" stands twice[\s\S]*"\*" stands twice/)
    assert.match(error.faults.join('\n'), /a queue name must be .* got "-x"/)
  }
})

test('a list from plain JavaScript may hold texts only', () => {
  assert.throws(
    () => readConfig({}, {}, { queues: ['mail', null, 3] as unknown as readonly string[] }),
    /expected a text such as mail or mail:50, got null\n.* got 3$/,
  )
})

test('QUEUES and QUEUE that differ are a fault', () => {
  assert.throws(() => readConfig({ QUEUES: 'a', QUEUE: 'b' }), /QUEUE: QUEUES is set too, and says something else/)
  assert.equal(readConfig({ QUEUES: 'a', QUEUE: 'a' }).queues.length, 1)
})

test('an empty list of queues is refused: it would be a worker that serves nobody', () => {
  assert.throws(() => parseQueues([]), /expected at least one queue, got an empty list; leave it out for all/)
})
