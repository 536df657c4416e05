import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareSchedules } from '../../src/schedule/compare.ts'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import { readDefinitions } from '../../src/schedule/read-definitions.ts'
import { instant } from '../../src/time/clock.ts'

const FROM = instant(Date.parse('2026-11-23T12:00Z'))

function read(text: string): readonly ScheduleDefinition[] {
  const { schedules, faults } = readDefinitions('schedules/a.yml', `schedules:\n${text}`)
  assert.deepEqual(faults, [])
  return schedules
}

const compare = (before: string, after: string) => compareSchedules(read(before), read(after), FROM)
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16)

test('what is added, removed, changed and unchanged is told by name, with the keys that differ', () => {
  const before = `  a: { job: j, cron: '0 9 * * *' }\n  b: { job: j, cron: '0 9 * * *' }\n  c: { job: j, every: 1h }\n`
  const after = `  a: { job: j, cron: '0 9 * * *' }\n  b: { job: k, cron: '0 9 * * *', overlap: skip }\n  d: { job: x, manual: true }\n`
  assert.deepEqual(
    compare(before, after).map(({ name, kind, was, fields }) => [name, kind, was, fields]),
    [
      ['a', 'unchanged', null, []],
      ['b', 'changed', null, ['job', 'overlap']],
      ['c', 'removed', null, []],
      ['d', 'added', null, []],
    ],
  )
})

test('ticks that appear, vanish and move in the next seven days are told one by one', () => {
  const [moved] = compare(`  a: { job: j, cron: '0 9 * * *' }\n`, `  a: { job: j, cron: '0 10 * * *' }\n`)
  assert.deepEqual(moved?.ticks.move.map(({ from, to }) => [iso(from), iso(to)])[0], [
    '2026-11-24T09:00',
    '2026-11-24T10:00',
  ])
  assert.deepEqual([moved?.ticks.move.length, moved?.ticks.appear.length, moved?.ticks.vanish.length], [7, 0, 0])
  const [fewer] = compare(`  a: { job: j, cron: '0 9 * * *' }\n`, `  a: { job: j, cron: '0 9 * * 1' }\n`)
  assert.deepEqual([fewer?.ticks.vanish.length, fewer?.ticks.appear.length, fewer?.ticks.move.length], [6, 0, 0])
  const [gone] = compare(`  a: { job: j, cron: '0 9 * * *' }\n`, '  b: { job: j, manual: true }\n')
  assert.equal(gone?.ticks.vanish.length, 7)
})

test('what says nothing about ticks moves none', () => {
  const [described] = compare(
    `  a: { job: j, cron: '0 9 * * *' }\n`,
    `  a: { job: j, cron: '0 9 * * *', owner: ada }\n`,
  )
  assert.deepEqual([described?.kind, described?.fields], ['changed', ['owner']])
  assert.deepEqual(described?.ticks, { appear: [], vanish: [], move: [], all: true })
})

test('a schedule with its former name is renamed; one that only looks like it is said to', () => {
  const before = `  a: { job: j, cron: '0 9 * * *' }\n`
  const [renamed, ...more] = compare(before, `  b: { job: j, cron: '0 9 * * *', was: a }\n`)
  assert.deepEqual([renamed?.kind, renamed?.was, renamed?.fields, more], ['renamed', 'a', ['name', 'was'], []])
  assert.deepEqual(
    compare(before, `  b: { job: j, cron: '0 9 * * *' }\n`).map(({ name, kind, was }) => [name, kind, was]),
    [
      ['a', 'removed', null],
      ['b', 'added', 'a'],
    ],
  )
})

test('of a schedule with very many ticks only the first are compared, and that is said', () => {
  const [many] = compare(`  a: { job: j, every: 1s }\n`, `  a: { job: j, every: 2s }\n`)
  assert.deepEqual([many?.ticks.all, many?.ticks.vanish.length, many?.ticks.appear.length], [false, 10_000, 0])
})
