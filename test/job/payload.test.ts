import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import { InvalidPayloadError, PayloadTooLargeError } from '../../src/job/errors.ts'
import { PAYLOAD_LIMIT_BYTES, readPayload, writePayload, writeResult } from '../../src/job/payload.ts'

const sendMail = defineJob({
  name: 'send-mail',
  payload: z.object({
    to: z.email(),
    copies: z.number().default(1),
    at: z.iso.datetime().transform((text) => new Date(text)),
    tags: z.array(z.string()).optional(),
  }),
})
const anything = defineJob({ name: 'anything', payload: z.unknown() })
const cleanUp = defineJob({ name: 'clean-up' })
const slow = defineJob({ name: 'slow', payload: z.string().refine(async (text) => text !== 'taken', 'is taken') })

const mail = { to: 'a@example.com', at: '2026-12-01T09:00:00Z' }

test('stored is the payload as given, and the handler gets what the schema makes of it', () => {
  const text = writePayload(sendMail, { ...mail, tags: undefined })
  assert.equal(text, '{"to":"a@example.com","at":"2026-12-01T09:00:00Z"}')
  assert.deepEqual(readPayload(sendMail, text), { to: mail.to, copies: 1, at: new Date('2026-12-01T09:00:00Z') })
})

test('a payload that fails its schema is refused with every issue and its path', () => {
  assert.throws(
    () => writePayload(sendMail, { to: 'nobody', at: 'soon', tags: ['a', 5] }),
    (error) => {
      assert.ok(error instanceof InvalidPayloadError)
      assert.deepEqual([error.code, error.job], ['MORROW_INVALID_PAYLOAD', 'send-mail'])
      assert.deepEqual(
        error.issues.map(({ path }) => path),
        ['payload.to', 'payload.at', 'payload.tags[1]'],
      )
      assert.match(error.message, /payload of send-mail does not pass its schema: 3 faults\n {2}- payload\.to: /)
      return true
    },
  )
})

test('a payload that is not JSON is refused before its schema is asked', () => {
  assert.throws(
    () => writePayload(anything, { at: new Date(0) }),
    /payload of anything is not JSON: payload\.at: a Date/,
  )
})

test('a job without payload stores the empty text and takes nothing', () => {
  assert.equal(writePayload(cleanUp, undefined), '')
  assert.equal(readPayload(cleanUp, ''), undefined)
  assert.throws(() => writePayload(cleanUp, {}), /payload of clean-up is refused: payload: nothing was expected/)
  assert.throws(() => writePayload(cleanUp, null), InvalidPayloadError)
})

test('a missing payload is the affair of the schema', () => {
  const optional = defineJob({ name: 'digest', payload: z.object({ day: z.string() }).default({ day: 'Monday' }) })
  assert.equal(writePayload(optional, undefined), '')
  assert.deepEqual(readPayload(optional, ''), { day: 'Monday' })
  assert.throws(() => writePayload(sendMail, undefined), /does not pass its schema: payload: /)
})

test('a payload over the limit is refused with both sizes in bytes', () => {
  const text = 'ä'.repeat(PAYLOAD_LIMIT_BYTES / 2)
  assert.equal(typeof writePayload(anything, text.slice(1)), 'string')
  assert.throws(
    () => writePayload(anything, text),
    (error) => {
      assert.ok(error instanceof PayloadTooLargeError)
      assert.deepEqual([error.bytes, error.limitBytes], [262_146, 262_144])
      assert.match(error.message, /must have at most 262144 bytes as JSON, got 262146/)
      return true
    },
  )
  assert.throws(() => writePayload(anything, 'abcdef', 7), PayloadTooLargeError)
  assert.equal(writePayload(anything, 'abcde', 7), '"abcde"')
})

test('a schema that needs time makes a promise, and is answered the same', async () => {
  assert.equal(await writePayload(slow, 'free'), '"free"')
  assert.equal(await readPayload(slow, '"free"'), 'free')
  await assert.rejects(
    async () => writePayload(slow, 'taken'),
    /payload of slow does not pass its schema: payload: is taken/,
  )
  await assert.rejects(async () => readPayload(slow, '"taken"'), /stored payload of slow does not pass/)
})

test('a stored payload that no longer passes, or cannot be read, is InvalidPayloadError', () => {
  for (const text of ['{"to":"a@example.com"}', '', '{"to":', 'nonsense', '[]']) {
    assert.throws(() => readPayload(sendMail, text), InvalidPayloadError, text)
  }
  assert.throws(() => readPayload(sendMail, '{'), /stored payload of send-mail cannot be read: payload: /)
})

test('a stored payload of another hand cannot reach a prototype', () => {
  for (const key of ['__proto__', '\\u005f_proto__', '__\\u0070roto__']) {
    assert.throws(() => readPayload(anything, `{"a":{"${key}":{"admin":true}}}`), /payload\.a\.__proto__/)
  }
  assert.deepEqual(readPayload(anything, '"a \\u0000 __proto__"'), 'a \u0000 __proto__')
})

test('what a schema itself throws passes through as it is', async () => {
  const broken = new Error('the database is away')
  const job = defineJob({
    name: 'broken',
    payload: z.string().refine(() => {
      throw broken
    }),
  })
  await assert.rejects(async () => writePayload(job, 'a'), broken)
  await assert.rejects(async () => readPayload(job, '"a"'), broken)
})

test('a result is kept only where one is declared, by the same rules', () => {
  const counted = defineJob({ name: 'counted', result: z.object({ n: z.number() }) })
  assert.equal(writeResult(counted, { n: 1 }), '{"n":1}')
  assert.throws(() => writeResult(counted, { n: 'one' }), /result of counted does not pass its schema: result\.n: /)
  assert.throws(() => writeResult(counted, { n: 1n }), /result of counted is not JSON: result\.n: a bigint/)
  assert.equal(writeResult(cleanUp, { any: new Date(0) }), '')
})

test('any value is either refused, or the handler gets its equal', () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withBigInt: true, withMap: true, withSparseArray: true }), (value) => {
      let text: string | Promise<string>
      try {
        text = writePayload(anything, value)
      } catch (error) {
        assert.ok(error instanceof InvalidPayloadError)
        return
      }
      assert.equal(typeof text, 'string')
      // Loosely: undefined properties are left out, and -0 is written as 0.
      const plain: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value))
      assert.deepEqual(readPayload(anything, String(text)), plain)
    }),
    { numRuns: 500 },
  )
  assert.deepEqual(Object.keys(Object.prototype), [])
})
