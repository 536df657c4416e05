import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import type { CalendarText } from '../../src/schedule/calendar.ts'
import {
  definitionOf,
  fingerprint,
  type ScheduleDefinition,
  timingFingerprint,
  timingOf,
} from '../../src/schedule/definition.ts'
import { formatFault } from '../../src/schedule/fault.ts'
import { type Calendars, NO_CALENDARS } from '../../src/schedule/read-calendars.ts'
import { readDefinitions } from '../../src/schedule/read-definitions.ts'
import { schemaFor } from '../../src/schedule/schema.ts'
import { nextTick } from '../../src/schedule/timing.ts'
import { type Instant, instant } from '../../src/time/clock.ts'
import { VALID } from './examples.ts'
import { INVALID_POLICIES, MEANINGLESS_POLICIES, VALID_POLICIES } from './policy-examples.ts'

const holidays: CalendarText = { name: 'holidays', dates: ['12-25'], weekly: [] }
const CALENDARS: Calendars = { ...NO_CALENDARS, known: new Map([['holidays', holidays]]) }

const read = (text: string, calendars: Calendars = NO_CALENDARS) => readDefinitions('f.yml', text, { calendars })

const faultsOf = (text: string, calendars?: Calendars): string =>
  read(text, calendars).faults.map(formatFault).join('\n')

function only(text: string, calendars: Calendars = CALENDARS): ScheduleDefinition {
  const { schedules, faults } = read(text, calendars)
  assert.deepEqual(faults.map(formatFault), [])
  const [definition] = schedules
  assert.ok(definition)
  return definition
}

const said = (keys: string, timing = 'cron: 30 2 * * *, tz: Europe/Berlin'): ScheduleDefinition =>
  only(`schedules:\n  a: { job: x, ${timing}, ${keys} }\n`)

const utc = (text: string): Instant => instant(Date.parse(text))

test('every policy is read into plain data', () => {
  const { policies } = only(VALID_POLICIES['every policy'] ?? '')
  assert.deepEqual(policies, {
    missed: { kind: 'all', max: 20, within: 21_600_000 },
    overlap: 'queue-one',
    dst: { gap: 'skip', overlap: 'both' },
    spread: 600_000,
    deadline: 300_000,
    starts: utc('2026-11-30T23:00:00Z'),
    ends: utc('2026-12-31T22:59:59.999Z'),
    limit: 10,
    priority: 3,
    tags: ['billing', 'nightly'],
    owner: 'team-money',
    runbook: 'https://wiki.example.com/billing',
    retry: {
      attempts: 5,
      backoff: { kind: 'exponential', first: 30_000, factor: 3, longest: 315_619_200_000 },
      jitter: 0.15,
    },
    timeout: 1_200_000,
    expiresIn: 3_600_000,
    was: 'nightly-billing',
    lateness: { p99: 2_000 },
  })
})

test('a schedule that says no policy has those of the house', () => {
  assert.deepEqual(only(`schedules:\n  a: { every: 5m, job: x }\n`).policies, {
    missed: { kind: 'once' },
    overlap: 'allow',
  })
})

test('policies of a file hold for the schedules for which they can mean something', () => {
  const { schedules, faults } = read(VALID_POLICIES['policies of a file'] ?? '')
  assert.deepEqual(faults, [])
  const [a, b, c] = schedules.map(({ policies }) => policies)
  assert.deepEqual(a?.dst, { gap: 'skip', overlap: 'first' })
  assert.deepEqual([a?.spread, a?.missed, a?.exclude], [60_000, { kind: 'skip' }, undefined])
  assert.deepEqual([b?.dst, b?.spread, b?.missed], [undefined, undefined, { kind: 'once', within: 7_200_000 }])
  assert.deepEqual([c?.missed, c?.deadline, c?.overlap, c?.tags], [{ kind: 'once' }, undefined, 'skip', ['mail']])
  assert.deepEqual(a?.retry, { attempts: 3 })
})

test('each faulty policy says where, what was expected, what came and what to write', () => {
  for (const [name, { text, says }] of Object.entries({ ...INVALID_POLICIES, ...MEANINGLESS_POLICIES })) {
    const { faults, schedules } = read(text)
    assert.match(faults.map(formatFault).join('\n'), says, name)
    assert.deepEqual(schedules, [], name)
  }
})

test('all faulty policies of a schedule are said at once', () => {
  const faults = faultsOf(
    `schedules:\n  a: { every: 5, job: 7, missed: x, overlap: y, spread: 1, deadline: 1ms, limit: -1, starts: z, exclude: q }\n`,
  )
  for (const key of ['every', 'job', 'missed', 'overlap', 'spread', 'deadline', 'limit', 'starts', 'exclude'])
    assert.match(faults, new RegExp(`\\b${key}: expected`), key)
})

test('the JSON Schema and the reader agree on every policy', () => {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schemaFor())
  for (const [name, text] of Object.entries(VALID_POLICIES)) {
    assert.ok(validate(parse(text)), `${name}: ${JSON.stringify(validate.errors)}`)
    assert.equal(faultsOf(text), '', name)
  }
  for (const [name, { text }] of Object.entries(INVALID_POLICIES)) assert.equal(validate(parse(text)), false, name)
})

test('starts and ends are instants, times on the wall of the zone, or whole days of it', () => {
  const span = (keys: string, timing?: string) => {
    const { starts, ends } = said(keys, timing).policies
    return [starts, ends].map((at) => (at === undefined ? undefined : new Date(at).toISOString()))
  }
  assert.deepEqual(span(`starts: '2026-12-01T09:00', ends: '2026-12-24T12:00:00-05:00'`), [
    '2026-12-01T08:00:00.000Z',
    '2026-12-24T17:00:00.000Z',
  ])
  assert.deepEqual(span(`starts: 2026-10-25, ends: 2026-10-25`), [
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T22:59:59.999Z',
  ])
  assert.deepEqual(span(`starts: '2027-03-28T02:30'`), ['2027-03-28T01:00:00.000Z', undefined])
  assert.deepEqual(span(`ends: '2026-10-25T02:30'`), [undefined, '2026-10-25T00:30:00.000Z'])
  // Midnight is shown twice in Havana, and the day ends with the first of them; in Cairo the day begins at 01:00.
  assert.deepEqual(span(`ends: 2026-10-31`, 'cron: 0 9 * * *, tz: America/Havana'), [
    undefined,
    '2026-11-01T03:59:59.999Z',
  ])
  assert.deepEqual(span(`starts: 2026-04-24`, 'cron: 0 9 * * *, tz: Africa/Cairo'), [
    '2026-04-23T22:00:00.000Z',
    undefined,
  ])
})

test('the grid of an interval begins at starts', () => {
  const timing = timingOf(said(`starts: '2026-12-01T09:07:00Z', offset: 1h`, 'every: 20h'))
  assert.equal(nextTick(timing, utc('2026-12-01T09:07:00Z')), utc('2026-12-01T10:07:00Z'))
  assert.equal(nextTick(timing, utc('2026-12-01T10:07:00Z')), utc('2026-12-02T06:07:00Z'))
})

test('dst decides what a wall-clock pattern does on the day of the change', () => {
  const first = (keys: string, after: string) => new Date(nextTick(timingOf(said(keys)), utc(after)) ?? 0).toISOString()
  assert.equal(first('enabled: true', '2027-03-27T12:00:00Z'), '2027-03-28T01:00:00.000Z')
  assert.equal(first('dst: { gap: skip }', '2027-03-27T12:00:00Z'), '2027-03-29T00:30:00.000Z')
  assert.equal(first('dst: { overlap: last }', '2026-10-24T12:00:00Z'), '2026-10-25T01:30:00.000Z')
})

test('a definition carries its calendars, by name and once', () => {
  assert.deepEqual(said('exclude: [holidays, holidays]').policies.exclude, [holidays])
  assert.deepEqual(JSON.parse(JSON.stringify(said('exclude: holidays'))), said('exclude: holidays'))
})

test('a calendar that cannot be used makes the schedules that name it faulty, and no other', () => {
  const text = `schedules:\n  a: { every: 5m, job: x, exclude: %, was: old }\n  b: { every: 5m, job: x }\n`
  const cases: readonly [string, Calendars, RegExp][] = [
    ['holidys', CALENDARS, /f\.yml:2:36: a\.exclude: .*got "holidys"; did you mean holidays\?/],
    [
      'bad',
      { ...CALENDARS, faulty: new Set(['bad']) },
      /expected a calendar that can be used, got "bad", which is faulty/,
    ],
    [
      'x',
      { ...CALENDARS, unreadable: ['s/calendars/x.yml'] },
      /it may stand in s\/calendars\/x\.yml, which cannot be used/,
    ],
  ]
  for (const [name, calendars, says] of cases) {
    const { schedules, faulty, faults, readable } = read(text.replace('%', name), calendars)
    assert.match(faults.map(formatFault).join('\n'), says)
    assert.equal(faults.length, 1)
    assert.deepEqual([readable, schedules.map((each) => each.name)], [true, ['b']])
    assert.deepEqual(faulty, [{ file: 'f.yml', line: 2, column: 3, name: 'a', was: 'old' }])
  }
})

test('a calendar that the defaults name and nobody has is said once', () => {
  const { schedules, faulty, faults } = read(
    `defaults: { exclude: q }\nschedules:\n  a: { every: 5m, job: x }\n  b: { every: 5m, job: x }\n  c: { every: 5m, job: x, exclude: [] }\n`,
  )
  assert.match(
    faults.map(formatFault).join('\n'),
    /^f\.yml:1:22: defaults\.exclude: expected a calendar that is declared[^\n]*$/,
  )
  assert.deepEqual([schedules.map(({ name }) => name), faulty.map(({ name }) => name)], [['c'], ['a', 'b']])
})

test('a definition without policies has the fingerprint it had before there were any', () => {
  const known = Object.values(VALID)
    .flatMap((text) => read(text).schedules)
    .map((each) => [each.name, fingerprint(each)])
  assert.deepEqual(known, [
    ['nightly', '_cukzNErsrtGitePR9wWHj'],
    ['digest', 'KctsBVVjjrUCjAtUsXLctw'],
    ['poll', '5CwTlUdUS115aLPCbpZsIY'],
    ['rebuild', 'kZYzYm7j6IApV6ORBFgffD'],
    ['a:b/c@d', 'G11fKcuFntQ8ZWdTLOvEQB'],
    ['x', 'PAEQoli0e5LfW1UzXqlcrX'],
    ['y', 'pEQIq8UdrNpg8uhsDSXbKM'],
  ])
})

test('saying a default changes no fingerprint, saying anything else does', () => {
  const plain = fingerprint(said('enabled: true'))
  for (const keys of ['missed: once', 'overlap: allow', 'dst: { gap: run, overlap: first }', 'spread: 0s', 'tags: []'])
    assert.equal(fingerprint(said(keys)), plain, keys)
  const others = [
    'missed: skip',
    'missed: { policy: once, within: 1d }',
    'overlap: skip',
    'owner: me',
    'was: b',
    'limit: 1',
  ]
  assert.equal(new Set([plain, ...others.map((keys) => fingerprint(said(keys)))]).size, others.length + 1)
})

test('the fingerprint of ticks hears only what decides them', () => {
  const plain = timingFingerprint(said('enabled: true'))
  const silent = [
    'was: b',
    'owner: me',
    'runbook: x.md',
    'description: y',
    'tags: t',
    'lateness: { p99: 1s }',
    'payload: 5',
    'queue: q',
    'retry: 3',
    'timeout: 1m',
    'priority: 1',
    'missed: once',
  ]
  for (const keys of silent) assert.equal(timingFingerprint(said(keys)), plain, keys)
  const heard = [
    'missed: skip',
    'overlap: skip',
    'dst: { gap: skip }',
    'spread: 1m',
    'deadline: 1m',
    'starts: 2026-12-01',
    'ends: 2026-12-01',
    'limit: 5',
    'exclude: holidays',
    'enabled: false',
  ]
  assert.equal(new Set([plain, ...heard.map((keys) => timingFingerprint(said(keys)))]).size, heard.length + 1)
})

test('a name moves ticks only where H or a spread is drawn from it', () => {
  const named = (name: string, keys: string) => timingFingerprint(only(`schedules:\n  ${name}: { job: x, ${keys} }\n`))
  for (const keys of ['cron: 0 3 * * THU', 'cron: 0 3 * * * Hongkong', 'every: 5m'])
    assert.equal(named('a', keys), named('b', keys), keys)
  for (const keys of [
    'cron: H 3 * * *',
    "cron: 0 3 'H' * *".replaceAll("'", ''),
    'every: 5m, spread: 1m',
    'cron: H(0-9)/2 3 * * *',
  ])
    assert.notEqual(named('a', keys), named('b', keys), keys)
})

test('the same ticks written otherwise have the same fingerprint of ticks', () => {
  const of = (keys: string) => timingFingerprint(only(`schedules:\n  a: { job: x, ${keys} }\n`))
  assert.equal(of('cron: 0  3 * * * Europe/Paris'), of('cron: 0 3 * * *, tz: Europe/Paris'))
  assert.equal(of(`cron: [0 3 * * *, 0 4 * * *]`), of(`cron: [0 4 * * *, 0 3 * * *]`))
  assert.notEqual(of('cron: 0 3 * * *, tz: Europe/Paris'), of('cron: 0 3 * * *, tz: Europe/Berlin'))
})

test('a definition of an earlier release is read with the policies said by default', () => {
  const { policies, ...earlier } = only(VALID_POLICIES['every policy'] ?? '')
  assert.deepEqual(definitionOf(JSON.stringify(earlier)).policies, { missed: { kind: 'once' }, overlap: 'allow' })
  assert.deepEqual(definitionOf(JSON.stringify({ ...earlier, policies })), { ...earlier, policies })
})
