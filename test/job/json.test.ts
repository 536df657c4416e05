import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { jsonText, pathText } from '../../src/job/json.ts'

const issuesOf = (value: unknown): readonly string[] => {
  const issues = jsonText(value, 'payload')
  return typeof issues === 'string' ? [] : issues.map(({ path, message }) => `${path}: ${message}`)
}

/** The value as the rules say that JSON keeps it: without undefined properties, 0 for -0, plain prototypes. */
function kept(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(kept)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, kept(item)]))
}

test('any value is either refused with a path, or survives the way through JSON', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
  })
  fc.assert(
    fc.property(anything, (value) => {
      const text = jsonText(value, 'payload')
      if (typeof text !== 'string') {
        assert.ok(text.length > 0)
        for (const { path, message } of text) assert.ok(path.startsWith('payload') && message.length > 0)
        return
      }
      assert.deepEqual(JSON.parse(text), kept(value))
    }),
    { numRuns: 1_000 },
  )
})

test('a value of JSON gives the very text that JSON.stringify gives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }), (value) => {
      fc.pre(!JSON.stringify(value).includes('__proto__'))
      assert.equal(jsonText(value, 'payload'), JSON.stringify(value))
    }),
    { numRuns: 1_000 },
  )
})

test('undefined properties are left out, and -0 is written as 0', () => {
  assert.equal(jsonText({ a: undefined, b: 1, c: -0 }, 'payload'), '{"b":1,"c":0}')
})

test('lone surrogates and control characters survive, in keys too', () => {
  const value = { '\ud800': 'a\udfff\u0000', long: `${'x'.repeat(100)}\ud800` }
  const text = jsonText(value, 'payload')
  assert.ok(typeof text === 'string')
  assert.match(text, /^[ -~]*$/)
  assert.deepEqual(JSON.parse(Buffer.from(text).toString()), value)
})

test('what is not JSON is refused with its path and with what to write instead', () => {
  class Money {
    readonly amount = 5
  }
  const sparse = [1]
  sparse.length = 3
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ items: [{}, {}, { price: Number.NaN }] }, /^payload\.items\[2\]\.price: NaN is not JSON/],
    [{ a: Number.POSITIVE_INFINITY }, /^payload\.a: Infinity is not JSON/],
    [{ at: new Date(0) }, /^payload\.at: a Date is not JSON: write its toISOString\(\)/],
    [{ m: new Map() }, /^payload\.m: a Map .*Object\.fromEntries/],
    [{ s: new Set() }, /^payload\.s: a Set .*\[\.\.\.set\]/],
    [{ u: new URL('http://a') }, /^payload\.u: a URL .*href/],
    [{ b: Buffer.from('a') }, /^payload\.b: bytes .*base64/],
    [{ money: new Money() }, /^payload\.money: an instance of Money is not JSON/],
    [Object.create({ inherited: 1 }), /^payload: an instance of/],
    [JSON.parse('{"a":{"__proto__":{"admin":true}}}'), /^payload\.a\.__proto__: .* refused/],
    [{ a: 5n }, /^payload\.a: a bigint/],
    [{ a: Symbol('x') }, /^payload\.a: a symbol/],
    [{ [Symbol('x')]: 1 }, /^payload: a property named by a symbol/],
    [{ 'my key': () => {} }, /^payload\["my key"\]: a function/],
    [[1, undefined], /^payload\[1\]: undefined in an array/],
    [sparse, /^payload\[1\]: a hole in an array/],
    [Object.assign([1], { total: 1 }), /^payload: an array with named properties/],
    [new (class List extends Array {})(), /^payload: an instance of List/],
    [Object.assign({}, { toJSON: () => 1 }), /^payload\.toJSON: a function/],
    [undefined, /^payload: undefined/],
  ]
  for (const [value, pattern] of refused) assert.match(issuesOf(value)[0] ?? 'taken', pattern)
})

test('a cycle is refused where it closes, and the same object twice is none', () => {
  const order: { lines: object[] } = { lines: [] }
  order.lines.push({ order })
  assert.match(issuesOf({ order })[0] ?? '', /^payload\.order\.lines\[0\]\.order: a cycle is not JSON/)
  const address = { street: 'x' }
  assert.equal(jsonText({ from: address, to: address }, 'payload'), '{"from":{"street":"x"},"to":{"street":"x"}}')
})

test('a property is read once, and one that throws is refused', () => {
  let read = 0
  const counting = {
    get a() {
      return ++read
    },
  }
  assert.equal(jsonText(counting, 'payload'), '{"a":1}')
  const throwing = {
    b: {
      get a() {
        throw new Error('no')
      },
    },
  }
  assert.deepEqual(issuesOf(throwing), ['payload.b.a: reading it throws no'])
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  assert.equal(issuesOf({ proxy }).length, 1)
})

test('a hidden toJSON has no say', () => {
  const value = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'other', enumerable: false })
  assert.equal(jsonText(value, 'payload'), '{"a":1}')
})

test('up to 20 faults are said at once', () => {
  assert.equal(issuesOf({ a: 5n, b: [Number.NaN, new Date(0)] }).length, 3)
  assert.equal(issuesOf(Array.from({ length: 1_000 }, () => undefined)).length, 20)
})

test('a value may be nested 1,000 deep and no deeper', () => {
  const nested = (depth: number): unknown =>
    depth === 0 ? [] : Array.from({ length: depth }).reduce((inner) => [inner], [])
  assert.equal(issuesOf(nested(999)).length, 0)
  assert.match(issuesOf(nested(100_000))[0] ?? '', /nested deeper than 1000/)
})

test('plain objects of another realm are plain', () => {
  assert.equal(jsonText(runInNewContext('({ a: [1, { b: 2 }] })'), 'payload'), '{"a":[1,{"b":2}]}')
})

test('a path is written as in the language', () => {
  assert.equal(pathText('payload', ['a', 0, 'b c', '__proto__', '0']), 'payload.a[0]["b c"].__proto__["0"]')
})
