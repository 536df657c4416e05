import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { fingerprint, runsIn, timingText } from '../../src/schedule/definition.ts'
import { formatFault } from '../../src/schedule/fault.ts'
import { type Catalogue, readDefinitions } from '../../src/schedule/read-definitions.ts'
import { schemaFor } from '../../src/schedule/schema.ts'
import { INVALID, MEANINGLESS, VALID } from './examples.ts'

const read = (text: string, catalogue?: Catalogue) =>
  readDefinitions('f.yml', text, catalogue === undefined ? {} : { catalogue })

test('a schedule is read with its place and its defaults', () => {
  const { schedules, faults } = read(VALID['defaults'] ?? '')
  assert.deepEqual(faults, [])
  assert.deepEqual(schedules, [
    {
      name: 'digest',
      timing: { kind: 'cron', cron: ['0 9 * * 1-5', '0 12 * * 6'] },
      tz: 'Europe/Berlin',
      job: 'digest',
      queue: 'mail',
      payload: { to: 'all', list: [1, 2.5, true, null] },
      description: 'The daily digest',
      enabled: false,
      env: ['production', 'staging'],
      policies: { missed: { kind: 'once' }, overlap: 'allow' },
      source: { file: 'f.yml', line: 6, column: 3 },
    },
  ])
})

test('each faulty file says where, what was expected, what came and what to write', () => {
  for (const [name, { text, says }] of Object.entries({ ...INVALID, ...MEANINGLESS })) {
    const { faults, schedules } = read(text)
    assert.match(faults.map(formatFault).join('\n'), says, name)
    assert.deepEqual(schedules, [], name)
  }
})

test('a file that cannot be used tells its other faults too, in their order, and no consequences of what it told', () => {
  const told = (text: string): readonly string[] => read(text).faults.map(formatFault)
  assert.deepEqual(
    told(`schedules:
  a: { cron: '99 * * * *', job: x, job: y }
  b: { every: *often, job: x, limit: none }
  c: { <<: { job: x }, every: 10 }
  "a b": { every: 5m, job: x }
  a: { every: 5m, job: x, jbo: y }
`).map((text) => text.slice(0, 60)),
    [
      'f.yml:2:14: a.cron: "99 * * * *": minute field: expected 0-5',
      'f.yml:2:36: expected each key once, got "job" again, after l',
      'f.yml:3:15: expected no alias, got *often; quote the express',
      'f.yml:3:38: b.limit: expected a whole number from 1 to 10000',
      'f.yml:4:8: expected no merge key, got <<; write the values o',
      "f.yml:4:31: c: every: expected a duration such as '90s', '3 ",
      'f.yml:5:3: a b: a schedule name must be 1 to 100 of the char',
      'f.yml:6:3: expected each key once, got "a" again, after line',
      'f.yml:6:27: a: unknown key "jbo", did you mean job?',
    ],
  )
  assert.deepEqual(
    told(`defaults: { jbo: x, tz: Nowhere }
schedules:
  a: { every: 5m }
  b: { cron: '99 * * * *' }
`).map((text) => text.slice(0, 40)),
    [
      'f.yml:1:13: defaults: unknown key "jbo",',
      'f.yml:1:25: defaults.tz: unknown time zo',
      'f.yml:4:14: b.cron: "99 * * * *": minute',
    ],
  )
})

test('a faulty zone hides no fault of what stands beside it', () => {
  const lines = read(`schedules:
  a:
    tz: Nowhere
    cron: '99 * * * *'
    job: x
  b:
    every: 5m
    cron: '0 9 * * *'
    tz: 5
    job: x
  c:
    tz: Nowhere
    cron: 0 9 * * * Europe/Berlin
    job: x
`).faults.map(({ line }) => line)
  assert.deepEqual(lines, [3, 4, 7, 9, 12])
})

test('all faults are said at once, and the other schedules of the file go on', () => {
  const { faults, faulty, schedules, readable } = read(`schedules:
  good: { every: 5m, job: x }
  bad: { cron: 61 * * * *, jbo: y }
  worse: { every: 10, job: 7, tz: Nowhere }
`)
  assert.equal(readable, true)
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['good'],
  )
  assert.deepEqual(
    faulty.map(({ name }) => name),
    ['bad', 'worse'],
  )
  assert.deepEqual(
    faults.map(({ line }) => line),
    [3, 3, 3, 4, 4, 4, 4],
  )
})

test('a byte order mark and CRLF are read as what they are', () => {
  const { schedules, faults } = read(`\ufeffschedules:\r\n  a:\r\n    every: 5m\r\n    job: x\r\n`)
  assert.deepEqual(faults, [])
  assert.deepEqual(
    schedules.map(({ source }) => [source.line, source.column]),
    [[2, 3]],
  )
})

test('the catalogue tells queues, unknown jobs and payloads that do not pass', () => {
  const catalogue: Catalogue = {
    knows: (job) => job !== 'dijest',
    queueOf: (job) => (job === 'digest' ? 'mail' : undefined),
    checkPayload: (_job, payload) => (payload === undefined ? [] : ['to: expected an address']),
    names: () => ['digest'],
  }
  const { faults, schedules } = read(
    `schedules:
  a: { every: 5m, job: digest }
  b: { every: 5m, job: dijest, queue: q }
  c: { every: 5m, job: lost }
  d: { every: 5m, job: lost, queue: q, payload: { to: 5 } }
`,
    catalogue,
  )
  assert.deepEqual(
    schedules.map(({ name, queue }) => [name, queue]),
    [['a', 'mail']],
  )
  assert.deepEqual(faults.map(formatFault), [
    `f.yml:3:24: b.job: expected a job that is defined, got "dijest"; did you mean digest?`,
    `f.yml:4:24: c.queue: expected a queue, and "lost" names none; write queue: and its name`,
    `f.yml:5:40: d.payload: to: expected an address`,
  ])
})

test('the JSON Schema and the reader agree on every example', async () => {
  const shipped: unknown = JSON.parse(
    await readFile(new URL('../../src/schedule/schedules.schema.json', import.meta.url), 'utf8'),
  )
  assert.deepEqual(shipped, schemaFor(), 'schedules.schema.json is what schemaFor() makes')
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schemaFor())
  for (const [name, text] of Object.entries(VALID)) {
    assert.ok(validate(parse(text)), `${name}: ${JSON.stringify(validate.errors)}`)
    assert.deepEqual(read(text).faults, [], name)
  }
  for (const [name, { text }] of Object.entries(INVALID)) {
    assert.equal(validate(parse(text)), false, name)
    assert.ok(read(text).faults.length > 0, name)
  }
})

test('the schema of a project knows its jobs and their payloads', () => {
  const payload = { type: 'object', required: ['to'], properties: { to: { type: 'string' } } }
  const validate = new Ajv().compile(schemaFor([{ name: 'mail', payload }, { name: 'clean-up' }]))
  const file = (definition: object) => ({ schedules: { a: { every: '5m', ...definition } } })
  assert.ok(validate(file({ job: 'mail', payload: { to: 'a' } })))
  assert.ok(validate(file({ job: 'clean-up' })))
  assert.equal(validate(file({ job: 'mail', payload: { to: 5 } })), false)
  assert.equal(validate(file({ job: 'lost' })), false)
})

test('a fingerprint changes with what is said, not with where or in which order', () => {
  const of = (text: string): string => {
    const [definition] = read(text).schedules
    assert.ok(definition)
    return fingerprint(definition)
  }
  const plain = of(`schedules:\n  a: { every: 60m, job: x, payload: { b: 1, c: 2 } }\n`)
  assert.match(plain, /^[\w-]{22}$/)
  assert.equal(of(`# moved\nschedules:\n  a:\n    payload: { c: 2, b: 1 }\n    job: x\n    every: 1h\n`), plain)
  assert.notEqual(of(`schedules:\n  a: { every: 61m, job: x, payload: { b: 1, c: 2 } }\n`), plain)
})

test('a definition tells its timing and where it runs', () => {
  const [digest] = read(VALID['defaults'] ?? '').schedules
  const [poll] = read(VALID['an interval with an offset'] ?? '').schedules
  assert.ok(digest && poll)
  assert.equal(timingText(digest), '0 9 * * 1-5 Europe/Berlin, 0 12 * * 6 Europe/Berlin')
  assert.equal(timingText(poll), 'every 15 min from 5 min')
  assert.deepEqual(
    [runsIn(digest, 'production'), runsIn(poll, 'production'), runsIn(poll, 'development')],
    [false, true, false],
  )
})
