import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeError } from '../../src/job/error-description.ts'

const throwing = (error: object, ...keys: readonly string[]): object =>
  keys.reduce(
    (target, key) =>
      Object.defineProperty(target, key, {
        get() {
          throw new Error(`no ${key}`)
        },
      }),
    error,
  )

test('an error is described by its name, its message and its stack', () => {
  const { name, message, stack } = describeError(new TypeError('no such user'))
  assert.deepEqual([name, message], ['TypeError', 'no such user'])
  assert.match(stack ?? '', /^TypeError: no such user\n\s+at /)
})

test('the causes of an error follow its stack, three at most', () => {
  const chain = [1, 2, 3, 4, 5].reduce((cause, n) => new Error(`level ${n}`, { cause }), new Error('root'))
  const { stack } = describeError(chain)
  assert.deepEqual(
    stack?.match(/caused by Error: level \d/g),
    ['4', '3', '2'].map((n) => `caused by Error: level ${n}`),
  )
  const circular = new Error('circular')
  circular.cause = circular
  assert.equal(describeError(circular).message, 'circular')
  assert.match(describeError(new Error('a', { cause: 'plain text' })).stack ?? '', /caused by a value: plain text$/)
})

test('what is no error is described as well', () => {
  assert.deepEqual(describeError(null), { name: 'NonError', message: 'null was thrown' })
  assert.deepEqual(describeError(undefined), { name: 'NonError', message: 'undefined was thrown' })
  assert.deepEqual(describeError('plain text'), { name: 'NonError', message: 'plain text' })
  assert.deepEqual(describeError({ status: 500 }), { name: 'NonError', message: '{"status":500} was thrown' })
  assert.deepEqual(describeError({ name: 'Foreign', message: 'from another realm' }), {
    name: 'Foreign',
    message: 'from another realm',
  })
})

test('errors whose own properties throw, and proxies, do not throw again', () => {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {})
  revoke()
  const hostile: readonly unknown[] = [
    throwing(new Error('kept'), 'stack', 'cause', 'name'),
    throwing(new Error('lost'), 'stack', 'message'),
    throwing({}, 'toString', 'toJSON', 'message', 'constructor'),
    proxy,
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
        getPrototypeOf: () => {
          throw new Error('no')
        },
        ownKeys: () => {
          throw new Error('no')
        },
      },
    ),
    Object.create(null),
    Object.assign(new Error('odd'), { name: 5, stack: { not: 'text' } }),
  ]
  for (const error of hostile) {
    const { name, message } = describeError(error)
    assert.ok(name.length > 0 && typeof message === 'string')
  }
  assert.equal(describeError(hostile[0]).message, 'kept')
})

test('a description is bounded, and is not cut within a character', () => {
  const huge = Object.assign(new Error('😀'.repeat(5_000)), { name: 'N'.repeat(5_000) })
  const { name, message, stack } = describeError(huge)
  assert.ok(name.length <= 100 && message.length <= 1_000 && (stack ?? '').length <= 4_000)
  // It throws on half a pair.
  encodeURIComponent(`${message}${stack}`)
})

test('whatever is thrown has a description that JSON can hold', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      const description = describeError(value)
      assert.deepEqual(JSON.parse(JSON.stringify(description)), description)
    }),
  )
})
