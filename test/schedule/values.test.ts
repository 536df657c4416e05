import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprint } from '../../src/schedule/definition.ts'
import { readDefinitions } from '../../src/schedule/read-definitions.ts'
import { readValue } from '../../src/schedule/read-value.ts'

const declared = (value: unknown) => readValue('a', value, 'api')

test('a schedule that a program declares is the schedule that a file declares', () => {
  const value = declared({
    cron: '0 9 * * 1-5',
    tz: 'Europe/Berlin',
    job: 'x',
    missed: { policy: 'all', max: 3 },
    payload: [1, null],
  })
  const [inFile] = readDefinitions(
    'f.yml',
    `schedules:\n  a: { cron: 0 9 * * 1-5, tz: Europe/Berlin, job: x, missed: { policy: all, max: 3 }, payload: [1, null] }\n`,
  ).schedules
  assert.ok(value.kind === 'definition' && inFile)
  assert.equal(fingerprint(value.definition), fingerprint(inFile))
  assert.deepEqual(value.definition.source, { file: 'api', line: 0, column: 0 })
})

test('a Date stands for its instant, and what is undefined is not said', () => {
  const value = declared({ every: '1h', job: 'x', starts: new Date(0), owner: undefined })
  assert.ok(value.kind === 'definition')
  assert.deepEqual(value.definition.policies, { missed: { kind: 'once' }, overlap: 'allow', starts: 0 })
})

test('all faults of a value are said at once, without a place', () => {
  assert.deepEqual(declared({ every: '1h', job: 'x', deadline: '1ms', overlap: 'skipp', limit: 0 }), {
    kind: 'faulty',
    faults: [
      'a.overlap: expected allow, skip, queue-one, cancel-previous, got "skipp"; did you mean skip?',
      'a.deadline: expected at least 1 s, got "1ms"',
      'a.limit: expected a whole number from 1 to 1000000000, got 0',
    ],
  })
})

test('what JSON cannot hold is refused with its path', () => {
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  const cases: readonly [unknown, RegExp][] = [
    [
      { every: '1h', job: 'x', payload: { run: () => 1 } },
      /^a\.payload\.run: expected what JSON can hold, got function$/,
    ],
    [{ every: '1h', job: 'x', payload: [Number.NaN] }, /^a\.payload\[0\]: expected what JSON can hold, got NaN$/],
    [{ every: '1h', job: 'x', payload: new Map() }, /^a\.payload: expected what JSON can hold/],
    [{ every: '1h', job: 'x', starts: new Date(Number.NaN) }, /^a\.starts: expected what JSON can hold/],
    [{ every: '1h', job: 'x', payload: loop }, /expected at most 64 levels, got more$/],
    ['every 5m', /^a: expected a map with job and cron, every or manual, got "every 5m"$/],
  ]
  for (const [value, says] of cases) {
    const read = declared(value)
    assert.ok(read.kind === 'faulty')
    assert.match(read.faults.join('\n'), says)
  }
})
