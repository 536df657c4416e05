import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { z as zod3 } from 'zod/v3'
import { defineJob } from '../../src/job/definition.ts'
import { InvalidJobError } from '../../src/job/errors.ts'
import { DEFAULT_RETRY } from '../../src/job/retry.ts'

/** As a caller without types sees it. */
const define: (options: unknown) => unknown = (options) => Reflect.apply(defineJob, undefined, [options])
const faultsOf = (options: unknown): readonly string[] => {
  try {
    define(options)
  } catch (error) {
    assert.ok(error instanceof InvalidJobError)
    return error.faults
  }
  return []
}

test('a job type has the defaults that the design states', () => {
  const { name, queue, formerQueues, payload, result, retry, unknownFor, handler } = defineJob({ name: 'clean-up' })
  assert.deepEqual(
    { name, queue, formerQueues, payload, result, retry, unknownFor, handler },
    {
      name: 'clean-up',
      queue: 'default',
      formerQueues: [],
      payload: undefined,
      result: undefined,
      retry: DEFAULT_RETRY,
      unknownFor: 7 * 86_400_000,
      handler: undefined,
    },
  )
})

test('a definition and what it holds cannot be changed', () => {
  const former = ['post']
  const job = defineJob({ name: 'send-mail', queue: 'mail', formerQueues: former, retry: { attempts: 5 } })
  for (const part of [job, job.formerQueues, job.retry, job.retry.backoff]) assert.ok(Object.isFrozen(part))
  former.push('other')
  assert.deepEqual(job.formerQueues, ['post'])
})

test('the present queue is not a former one', () => {
  assert.deepEqual(defineJob({ name: 'a', queue: 'mail', formerQueues: ['mail', 'post'] }).formerQueues, ['post'])
})

test('a handler is attached apart, or given as run', async () => {
  const apart = defineJob({ name: 'apart' })
  const handler = apart.handle(async () => 'done')
  assert.equal(handler.job.name, 'apart')
  assert.equal(apart.handler, undefined)
  const short = defineJob({ name: 'short', run: async () => 'done' })
  assert.equal(short.handler?.job.name, 'short')
  assert.throws(() => Reflect.apply(apart.handle, apart, ['no function']), /apart\.handle: must be given a function/)
})

test('a request names its job, its payload and its options', () => {
  const mail = defineJob({ name: 'mail', payload: z.object({ to: z.string() }) })
  const cleanUp = defineJob({ name: 'clean-up' })
  const asked = mail.request({ to: 'a' }, { in: '3 days', id: 'trial:42' })
  assert.equal(asked.job.name, 'mail')
  assert.deepEqual([asked.payload, asked.options], [{ to: 'a' }, { in: '3 days', id: 'trial:42' }])
  assert.deepEqual([cleanUp.request().payload, cleanUp.request().options], [undefined, {}])
  assert.deepEqual(cleanUp.request({ in: '1h' }).options, { in: '1h' })
})

test('every fault of a definition is said at once', () => {
  const faults = faultsOf({
    name: 'my job',
    queu: 'mail',
    queue: '*',
    formerQueues: ['a b'],
    payload: { to: 'string' },
    retry: { attempts: 0, jitter: 2, backof: 'x', backoff: { kind: 'fixed', wait: '3 dyas' } },
    unknownFor: 7,
    run: 'x',
  })
  const expected = [
    /no option "queu": did you mean 'queue'\?/,
    /^name: a job name must be .* got "my job"/,
    /^queue: .* got "\*"/,
    /^formerQueues\[0\]: /,
    /^payload: must be a Standard Schema .* got \{"to":"string"\}/,
    /^retry: there is no option "backof": did you mean 'backoff'\?/,
    /^retry.attempts: must be a whole number from 1 to 1000, got 0/,
    /^retry.backoff.wait: .*did you mean 'day/,
    /^retry.jitter: must be a number from 0 to 1, got 2/,
    /^unknownFor: .*say '7s'/,
    /^run: must be a function, got "x"/,
  ]
  for (const pattern of expected)
    assert.ok(
      faults.some((fault) => pattern.test(fault)),
      `${pattern}\n${faults.join('\n')}`,
    )
  assert.equal(faults.length, expected.length, faults.join('\n'))
})

test('options that are none are refused', () => {
  for (const options of [undefined, null, 'send-mail', []]) assert.ok(faultsOf(options).length > 0)
  assert.throws(() => define('send-mail'), { code: 'MORROW_INVALID_JOB' })
})

test('a schema whose input is not JSON is refused at definition, with every place of it', () => {
  const comment = z.object({
    at: z.date(),
    get replies() {
      return z.array(comment)
    },
  })
  const refused: readonly (readonly [unknown, readonly string[]])[] = [
    [z.date(), ['payload']],
    [z.coerce.date(), ['payload']],
    [z.object({ at: z.date(), big: z.bigint().optional() }), ['payload.at', 'payload.big']],
    [z.object({ visits: z.array(z.object({ at: z.date() })) }), ['payload.visits[].at']],
    [z.object({ m: z.map(z.string(), z.string()), s: z.set(z.string()) }), ['payload.m', 'payload.s']],
    [z.object({ u: z.union([z.string(), z.date().nullable()]) }), ['payload.u']],
    [z.intersection(z.object({}), z.object({ 'a b': z.date() })), ['payload["a b"]']],
    [z.record(z.string(), z.date().default(new Date(0))), ['payload[]']],
    [z.tuple([z.string(), z.bigint()]), ['payload[]']],
    [
      z.object({ u: z.instanceof(URL), n: z.nan(), y: z.symbol(), l: z.literal(5n) }),
      ['payload.u', 'payload.n', 'payload.y', 'payload.l'],
    ],
    [z.date().transform((date) => date.getTime()), ['payload']],
    [comment, ['payload.at']],
    [zod3.object({ at: zod3.date().brand('At') }), ['payload.at']],
    [zod3.object({ at: zod3.date(), list: zod3.array(zod3.bigint()) }), ['payload.at', 'payload.list[]']],
  ]
  for (const [payload, places] of refused) {
    const found = faultsOf({ name: 'a', payload }).map((fault) =>
      fault.replace(/: the schema takes .* JSON: take .*$/, ''),
    )
    assert.deepEqual(found, places)
  }
  assert.match(faultsOf({ name: 'a', result: z.date() }).join(), /^result: the schema takes a date/)
})

test('a schema that makes what is not JSON out of JSON is taken', () => {
  const isoDate = z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  })
  const taken: readonly unknown[] = [
    z.string().transform((text) => new Date(text)),
    z.string().pipe(z.coerce.date()),
    z.preprocess((value) => new Date(String(value)), z.date()),
    zod3.preprocess((value) => new Date(String(value)), zod3.date()),
    zod3.string().pipe(zod3.coerce.date()),
    isoDate,
    z.json(),
    z.object({ n: z.coerce.number(), any: z.any(), undef: z.undefined(), kind: z.literal('date'), date: z.string() }),
    z.lazy(() => z.array(z.string())),
  ]
  for (const payload of taken) assert.deepEqual(faultsOf({ name: 'a', payload }), [])
})

test('schemas of other makers are recognised by the standard, and not looked into', () => {
  const standard = { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) }
  assert.deepEqual(faultsOf({ name: 'a', payload: { '~standard': standard, type: 'date' } }), [])
  assert.deepEqual(faultsOf({ name: 'a', payload: Object.assign(() => true, { '~standard': standard }) }), [])
})

test('schemas of valibot are looked into by the shape that it documents', () => {
  const schema = (fields: object): object => ({
    kind: 'schema',
    ...fields,
    '~standard': { version: 1, vendor: 'valibot', validate: (value: unknown) => ({ value }) },
  })
  const date = schema({ type: 'date' })
  const payload = schema({
    type: 'object',
    entries: {
      at: schema({ type: 'optional', wrapped: date }),
      list: schema({ type: 'array', item: schema({ type: 'bigint' }) }),
      text: schema({
        type: 'string',
        pipe: [schema({ type: 'string' }), { kind: 'transformation', type: 'transform' }],
      }),
    },
  })
  assert.deepEqual(
    faultsOf({ name: 'a', payload }).map((fault) => fault.split(':')[0]),
    ['payload.at', 'payload.list[]'],
  )
})
