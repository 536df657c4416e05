import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidNameError } from '../../src/job/errors.ts'
import { CANARY, jobName, keyName, ownId, queueName, scheduleName } from '../../src/job/names.ts'

const MEANT = ['a', '7', 'send-mail', 'Mail.v2_x', 'a'.repeat(100), 'constructor', 'toString', 'hasOwnProperty']
const NEVER: readonly unknown[] = [
  '',
  '-a',
  '.a',
  '_a',
  '__proto__',
  'a b',
  'a\n',
  'a{b}',
  'ä',
  'a*',
  'a\u0000',
  'a"',
  undefined,
  null,
  7,
  ['a'],
  {},
]

test('a name begins with a letter or a digit and holds letters, digits, _ . and -', () => {
  for (const check of [jobName, queueName, scheduleName, keyName, ownId]) {
    for (const name of MEANT) assert.equal(check(name), name)
    for (const name of NEVER) assert.throws(() => check(name), InvalidNameError, String(name))
  }
})

test('ids of your own, keys and schedule names may also hold : / and @', () => {
  for (const check of [scheduleName, keyName, ownId]) assert.equal(check('trial:42/a@b'), 'trial:42/a@b')
  for (const check of [jobName, queueName]) assert.throws(() => check('trial:42'), InvalidNameError)
})

test('an id of your own may have 200 characters, every other name 100', () => {
  assert.equal(ownId('a'.repeat(200)).length, 200)
  assert.throws(() => ownId('a'.repeat(201)), InvalidNameError)
  for (const check of [jobName, queueName, scheduleName, keyName]) {
    assert.throws(() => check('a'.repeat(101)), InvalidNameError)
  }
})

test('names that begin with morrow. are refused for job types, queues and schedules', () => {
  for (const check of [jobName, queueName, scheduleName]) {
    assert.throws(() => check(CANARY, 'queue'), {
      code: 'MORROW_INVALID_NAME',
      message:
        /^queue: a (job|queue|schedule) name must not begin with morrow\., which Morrow keeps for itself, got "morrow\.canary"; begin it otherwise$/,
    })
    for (const name of ['morrow', 'morrow-canary', 'Morrow.x', 'my.morrow.x']) assert.equal(check(name), name)
  }
  for (const check of [keyName, ownId]) assert.equal(check('morrow.x'), 'morrow.x')
})

test('the error says where, what was expected and what came', () => {
  assert.throws(() => queueName('my queue', 'queues[1]'), {
    code: 'MORROW_INVALID_NAME',
    message:
      'queues[1]: a queue name must be 1 to 100 of the characters A-Z a-z 0-9 _ . - that begin with a letter or a digit, got "my queue"',
  })
  assert.throws(() => jobName('x'.repeat(5_000)), /x…, got|x… \(5000 characters\)$/)
})
