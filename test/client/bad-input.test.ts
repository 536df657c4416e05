import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { z } from 'zod'
import { createClient, MorrowError } from '../../src/index.ts'
import { defineJob } from '../../src/job/definition.ts'
import { openWorld } from '../flow/world.ts'

const mail = defineJob({ name: 'mail', queue: 'mail', payload: z.object({ to: z.string() }) })
const any = defineJob({ name: 'any', payload: z.unknown() })
const tidy = defineJob({ name: 'tidy' })
const ann = { to: 'ann' }

/** A client as a caller without types sees it. */
type Untyped = Readonly<
  Record<
    'enqueue' | 'schedule' | 'enqueueMany' | 'get' | 'cancel' | 'reschedule',
    (...given: unknown[]) => Promise<unknown>
  >
> & { scheduleMany(...given: unknown[]): AsyncIterable<unknown> }

async function untypedWorld() {
  const world = await openWorld()
  return { ...world, client: world.client as unknown as Untyped }
}

type Case = readonly [call: () => Promise<unknown>, code: string, message: RegExp]

async function refused(cases: readonly Case[]): Promise<void> {
  for (const [call, code, message] of cases) {
    const error = await call().then(
      () => assert.fail(`taken, expected ${message}`),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof MorrowError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
  }
}

test('what a caller without types gives amiss is a clear error, and nothing is stored', async () => {
  const { client, store } = await untypedWorld()
  await refused([
    [() => client.enqueue(), 'MORROW_INVALID_JOB', /must be what defineJob answers, got undefined/],
    [() => client.enqueue('mail', ann), 'MORROW_INVALID_JOB', /must be what defineJob answers, got "mail"/],
    [() => client.enqueue({ name: 'mail' }, ann), 'MORROW_INVALID_JOB', /must be what defineJob answers/],
    [
      () =>
        client.enqueue(
          mail.handle(() => {}),
          ann,
        ),
      'MORROW_INVALID_JOB',
      /got a handler: give its job type/,
    ],
    [() => client.enqueue(mail, ann, { in: '3 days' }), 'MORROW_INVALID_TIME', /enqueue means now.*call schedule/],
    [() => client.enqueue(mail, ann, { delay: 5_000 }), 'MORROW_INVALID_JOB', /no option "delay": known are id/],
    [() => client.enqueue(mail, ann, 'trial:42'), 'MORROW_INVALID_JOB', /must be an object such as .* got "trial:42"/],
    [() => client.enqueue(mail, ann, { id: 42 }), 'MORROW_INVALID_NAME', /got 42/],
    [() => client.enqueue(mail, ann, { id: '' }), 'MORROW_INVALID_NAME', /got ""/],
    [() => client.enqueue(mail, ann, { id: 'a'.repeat(201) }), 'MORROW_INVALID_NAME', /201 characters/],
    [() => client.enqueue(tidy, ann), 'MORROW_INVALID_JOB', /no option "to"/],
    [() => client.enqueue(tidy, ann, {}), 'MORROW_INVALID_PAYLOAD', /the job declares no payload/],
    [() => client.schedule(mail, ann), 'MORROW_INVALID_TIME', /expected \{ in: '3 days' \}.* got undefined/],
    [() => client.schedule(mail, ann, '3 days'), 'MORROW_INVALID_TIME', /expected \{ in: '3 days' \}.* got "3 days"/],
    [() => client.schedule(mail, ann, new Date(0)), 'MORROW_INVALID_TIME', /expected .* \{ at: … \}, got "1970/],
    [() => client.schedule(mail, ann, { in: '1h', prio: 1 }), 'MORROW_INVALID_TIME', /nothing else, got "prio"/],
    [() => client.schedule(mail, ann, { in: '1h', windw: {} }), 'MORROW_INVALID_TIME', /did you mean window/],
    [() => client.get(), 'MORROW_INVALID_ID', /got undefined/],
    [() => client.get(mail), 'MORROW_INVALID_ID', /expected a job id/],
    [() => client.get('mail', 'trial:42'), 'MORROW_INVALID_JOB', /got "mail"/],
    [() => client.cancel(mail, ''), 'MORROW_INVALID_NAME', /got ""/],
    [() => client.reschedule(mail, 'trial:42'), 'MORROW_INVALID_ID', /expected a job id/],
    [() => client.reschedule(mail, 'x', { in: 10 }), 'MORROW_INVALID_TIME', /say '10s'/],
  ])
  assert.deepEqual(await store.space.queues(), [])
})

test('names and times are looked at before Redis is asked', async () => {
  const client = createClient({ redisUrl: 'redis://127.0.0.1:1', timeout: 100 }) as unknown as Untyped
  await refused([
    [() => client.get('trial:42'), 'MORROW_INVALID_ID', /trial:42/],
    [() => client.cancel(mail, 'ä'), 'MORROW_INVALID_NAME', /got "ä"/],
    [() => client.reschedule(mail, 'x', {}), 'MORROW_INVALID_TIME', /expected in or at/],
    [() => client.schedule(mail, ann, { in: '3 dyas' }), 'MORROW_INVALID_TIME', /did you mean 'days'/],
  ])
})

test('every one of many that is refused is named by its place, and nothing of any queue is stored', async () => {
  const { client, store } = await untypedWorld()
  const many = [
    mail.request(ann),
    tidy.request(),
    { ...mail.request(ann), payload: { to: 7 } },
    null,
    tidy.request({ in: '1h' }),
    mail.request(ann, { id: '!' }),
    { job: tidy, options: { at: new Date(Number.NaN) } },
    { job: tidy, options: { at: '2099-01-01T00:00Z' } },
  ]
  await refused([
    [
      () => client.enqueueMany(many),
      'MORROW_INVALID_PAYLOAD',
      /^4 of the jobs are refused:\n {2}- requests\[2\]: .*payload\.to.*\n {2}- requests\[3\]: .*got null\n {2}- requests\[5\]: .*got "!"\n {2}- requests\[6\]: .*an invalid Date/,
    ],
    [() => client.enqueueMany([many[0], many[7]]), 'MORROW_INVALID_TIME', /^requests\[1\]: .*at most 10 years/],
    [() => client.enqueueMany([many[2]]), 'MORROW_INVALID_PAYLOAD', /^the payload of mail/],
    [
      () => client.enqueueMany(Array.from({ length: 30 }, () => 1)),
      'MORROW_INVALID_JOB',
      /\[19\].*\n {2}- and 10 more$/,
    ],
    [() => client.enqueueMany('mail'), 'MORROW_INVALID_JOB', /must be an array or another iterable, got "mail"/],
    [() => client.enqueueMany(undefined), 'MORROW_INVALID_JOB', /iterable, got undefined/],
    [() => client.enqueueMany((async function* () {})()), 'MORROW_INVALID_JOB', /scheduleMany takes such/],
  ])
  await assert.rejects(
    client.enqueueMany([many[0], many[2]]),
    ({ stack }: Error) => stack?.includes('requests[1]') === true,
  )
  assert.deepEqual(await store.space.queues(), [])
})

test('a request without options is one for now', async () => {
  const { client } = await untypedWorld()
  const receipts = (await client.enqueueMany([{ job: mail, payload: ann }, { job: tidy }])) as readonly unknown[]
  assert.equal(receipts.length, 2)
  assert.equal(
    (tidy.request as (...given: unknown[]) => { options: { id?: string } })(undefined, { id: 'own' }).options.id,
    'own',
  )
})

test('one bad job of a page of scheduleMany leaves nothing of its page behind, and the pages before stand', async () => {
  const { client, store } = await untypedWorld()
  function* items() {
    for (let n = 0; n < 1_500; n++) yield { payload: n === 1_200 ? { to: 7 } : { to: `user${n}` }, in: '1h' }
  }
  let stored = 0
  const all = async (source: unknown): Promise<void> => {
    for await (const receipts of client.scheduleMany(mail, source)) stored += (receipts as readonly unknown[]).length
  }
  await refused([[() => all(items()), 'MORROW_INVALID_PAYLOAD', /^items\[1200\]: the payload of mail/]])
  assert.deepEqual([stored, (await store.inspector.counts('mail')).scheduled], [1_000, 1_000])
  await refused([
    [() => all([null]), 'MORROW_INVALID_TIME', /items\[0\]: .*got null/],
    [() => all([{ payload: ann }]), 'MORROW_INVALID_TIME', /items\[0\]: expected in or at/],
    [() => all(undefined), 'MORROW_INVALID_JOB', /iterable, got undefined/],
  ])
})

test('a source that throws half-way ends scheduleMany with its error, and what it gave since the last page is not stored', async () => {
  const { client, store } = await openWorld()
  const broken = new Error('the database is away')
  let closed = false
  async function* items() {
    try {
      for (let n = 0; n < 1_500; n++) yield { payload: { to: `user${n}` }, in: '1h' as const }
      throw broken
    } finally {
      closed = true
    }
  }
  const all = async (): Promise<void> => {
    for await (const _receipts of client.scheduleMany(mail, items())) {
    }
  }
  await assert.rejects(all(), broken)
  assert.deepEqual([closed, (await store.inspector.counts('mail')).scheduled], [true, 1_000])
  for await (const _receipts of client.scheduleMany(mail, items())) break
  assert.equal(closed, true)
})

test('what JSON would change, or cannot hold, is refused by the whole client with its path', async () => {
  const { client, store } = await untypedWorld()
  class Money {
    readonly amount = 5
  }
  const cycle: { inner: object[] } = { inner: [] }
  cycle.inner.push(cycle)
  const refusals: readonly (readonly [unknown, RegExp])[] = [
    [{ a: [1, undefined] }, /payload\.a\[1\]: undefined in an array/],
    [{ a: new Array(2) }, /payload\.a\[0\]: a hole/],
    [{ a: new Money() }, /payload\.a: an instance of Money/],
    [{ a: new Map() }, /payload\.a: a Map/],
    [{ a: 1n }, /payload\.a: a bigint/],
    [{ a: Number.NaN }, /payload\.a: NaN/],
    [cycle, /payload\.inner\[0\]: a cycle/],
    [JSON.parse('{"__proto__":1}'), /payload\.__proto__/],
    [{ toJSON: () => 1 }, /payload\.toJSON: a function/],
  ]
  await refused(
    refusals.map(([payload, message]) => [() => client.enqueue(any, payload), 'MORROW_INVALID_PAYLOAD', message]),
  )
  assert.deepEqual(await store.space.queues(), [])
})

test('odd but honest payloads come back as they were given', async () => {
  const { client } = await openWorld()
  const payloads = [
    '',
    0,
    false,
    null,
    [],
    {},
    '\ud800',
    { '\udfff': '\u0000\u2028' },
    '😀'.repeat(65_535),
    { a: { constructor: 1 } },
  ]
  for (const payload of payloads) {
    const { id } = await client.enqueue(any, payload)
    assert.deepEqual((await client.get(id))?.payload, payload)
  }
})

test('the limit of a payload is counted in bytes of its JSON text', async () => {
  const { client } = await openWorld()
  const limit = 256 * 1_024
  for (const [text, taken] of [
    ['ä'.repeat((limit - 2) / 2), true],
    [`${'ä'.repeat((limit - 2) / 2)}a`, false],
    ['a'.repeat(limit - 2), true],
    ['a'.repeat(limit - 1), false],
    ['\ud800'.repeat((limit - 4) / 6), true],
    ['\ud800'.repeat(limit / 6 + 1), false],
  ] as const) {
    const put = client.enqueue(any, text)
    if (taken) assert.equal((await client.get((await put).id))?.payload, text)
    else await assert.rejects(put, { code: 'MORROW_PAYLOAD_TOO_LARGE' })
  }
})

/** A list of its own kind, as arktype has for its issues and their paths: made by `map`, it would not be what it seems. */
class OwnList<Item> extends Array<Item> {
  constructor(...items: readonly Item[]) {
    super()
    this.push(...items)
  }
}

const standard = <Input>(vendor: string, validate: (value: unknown) => unknown): StandardSchemaV1<Input> => ({
  '~standard': { version: 1, vendor, validate: validate as StandardSchemaV1<Input>['~standard']['validate'] },
})

test('validators of other makers are asked by the standard, whatever their issues are made of', async () => {
  const { client } = await openWorld()
  const issues = new OwnList(
    { message: 'must be a string', path: new OwnList<PropertyKey>('to') },
    { message: 'no', path: new OwnList<PropertyKey>() },
  )
  const arktypeLike = Object.assign(
    () => issues,
    standard<unknown>('arktype', () => Object.assign(issues, { issues })),
  )
  const valibotLike = standard<unknown>('valibot', (value) => ({
    typed: false,
    value,
    issues: [
      {
        kind: 'schema',
        message: 'Invalid',
        path: [{ type: 'object', origin: 'value', input: value, key: 'to', value: 1 }],
      },
    ],
  }))
  const late = standard<unknown>('own', async (value) =>
    value === 'taken' ? { issues: [{ message: 'is taken' }] } : { value },
  )
  const foreign: unknown = runInNewContext('(value) => Promise.resolve({ value })')
  const thenable = standard<unknown>('own', foreign as (value: unknown) => unknown)
  const expected: readonly (readonly [StandardSchemaV1<unknown>, unknown, RegExp])[] = [
    [arktypeLike, {}, /2 faults\n {2}- payload\.to: must be a string\n {2}- payload: no$/],
    [valibotLike, {}, /payload\.to: Invalid$/],
    [late, 'taken', /payload: is taken$/],
  ]
  for (const [payload, value, message] of expected) {
    const job = defineJob({ name: 'own', payload })
    await assert.rejects(client.enqueue(job, value), { code: 'MORROW_INVALID_PAYLOAD', message })
  }
  for (const payload of [late, thenable]) {
    assert.equal((await client.enqueue(defineJob({ name: 'own', payload }), 'free')).outcome, 'created')
  }
})

test('what createClient cannot use is a ConfigError that names the option, every fault at once', () => {
  const create = createClient as unknown as (options?: unknown) => unknown
  const redisUrl = 'redis://127.0.0.1:6379'
  for (const [options, message] of [
    [redisUrl, /createClient: expected options such as \{ redisUrl: .*got a string/],
    [null, /createClient: expected options/],
    [{ redisUrl, timout: 5 }, /timout: no such option; did you mean timeout\?/],
    [{ redisUrl, timeout: '2s' }, /timeout: expected whole milliseconds from 1 to 3600000, got "2s"/],
    [{ redisUrl, timeout: Number.NaN, onEvent: 'x' }, /2 faults:[\s\S]*timeout: [\s\S]*onEvent: expected a function/],
    [{ redisUrl: 'http://x', payloadLimit: '1TB' }, /redisUrl: expected redis:[\s\S]*payloadLimit: expected a size/],
    [{ redisUrl, prefix: 'a b' }, /prefix: expected 1 to 100/],
  ] as const) {
    assert.throws(() => create(options), { code: 'MORROW_CONFIG', message })
  }
})
