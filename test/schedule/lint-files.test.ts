import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lintFiles } from '../../src/schedule/lint-files.ts'
import { readDefinitions } from '../../src/schedule/read-definitions.ts'
import { instant } from '../../src/time/clock.ts'

const FROM = instant(Date.UTC(2026, 10, 23))
const FILE = 'schedules/a.yml'

function lint(text: string, dates: readonly string[] = []) {
  const calendar = { name: 'closed', dates, weekly: [] }
  const calendars = { known: new Map([['closed', calendar]]), faulty: new Set<string>(), unreadable: [] }
  const { schedules, faults } = readDefinitions(FILE, text, { calendars })
  return lintFiles({ texts: [{ file: FILE, text }], schedules, faults }, FROM)
}

const places = (text: string, dates?: readonly string[]) =>
  lint(text, dates).map(({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`)

test('a warning stands where the field stands, however the expression is written', () => {
  const plain = `schedules:\n  a:\n    cron: 0 3 31 * *\n    job: x\n`
  const quoted = plain.replace('0 3 31 * *', `'0 3 31 * *'`)
  const list = plain.replace('0 3 31 * *', `["0 9 * * *", "0 3 31 * *"]`)
  const block = plain.replace('0 3 31 * *', `\n      - 0 9 * * *\n      - '0 3 31 * *'`)
  const folded = plain.replace('0 3 31 * *', `>-\n      0 3 31 * *`)
  assert.deepEqual(
    [plain, quoted, list, block, folded].map((text) => places(text)),
    [
      ['3:15 warning missing-day'],
      ['3:16 warning missing-day'],
      ['3:30 warning missing-day'],
      ['5:14 warning missing-day'],
      ['3:11 warning missing-day'],
    ],
  )
})

test('a policy silences what was written in it, and no more', () => {
  const berlin = `schedules:\n  a:\n    cron: 30 2 * * *\n    tz: Europe/Berlin\n    job: x\n`
  assert.deepEqual(places(berlin), ['3:14 warning missing-time', '3:14 warning repeated-time'])
  assert.deepEqual(places(`${berlin}    dst: { gap: run }\n`), ['3:14 warning repeated-time'])
  assert.deepEqual(places(`${berlin}    dst: { gap: run, overlap: first }\n`), [])
  const wholly = `defaults: { dst: { overlap: last } }\n${berlin}`
  assert.deepEqual(places(wholly), ['4:14 warning missing-time'])
})

test('a fault keeps its place, and one of an expression has a fix beside it', () => {
  const [fault, ...others] = lint(`schedules:\n  a:\n    cron: "0 0 31 2 *"\n    job: x\n`)
  assert.deepEqual([fault?.line, fault?.column, fault?.severity, fault?.code], [3, 11, 'error', 'never-fires'])
  assert.match(fault?.fix ?? '', /^choose a day/)
  assert.deepEqual(others, [])
  const [unknown] = lint(`schedules:\n  a:\n    cron: 0 9 * * *\n    tz: Europe/Berln\n    job: x\n`)
  assert.deepEqual([unknown?.code, unknown?.fix, unknown?.line], ['fault', undefined, 4])
  assert.equal(lint('schedules:\n  a:\n    cron: * * * * *\n')[0]?.severity, 'error')
})

test('ten schedules of one instant are a crowd, which a spread takes apart', () => {
  const some = (count: number, more = '') =>
    `schedules:\n${Array.from({ length: count }, (_, n) => `  s${n}:\n    cron: 0 0 * * *\n    job: x\n${more}`).join('')}`
  assert.deepEqual(places(some(9)), [])
  const [crowd, ...others] = lint(some(12))
  assert.deepEqual(others, [])
  assert.equal(crowd?.line, 3)
  assert.match(
    crowd?.message ?? '',
    /^12 schedules are due at one instant, 2026-11-24T00:00:00Z: s0, s1, s2 and 9 more$/,
  )
  assert.match(crowd?.fix ?? '', /^write spread: 10m /)
  assert.deepEqual(places(some(12, '    spread: 10m\n')), [])
  assert.deepEqual(places(some(12, '    enabled: false\n')), [])
})

test('calendars that leave no tick, and an end that has passed, are told at their key', () => {
  const closed = `schedules:\n  a:\n    cron: 0 9 25 12 *\n    exclude: closed\n    job: x\n`
  assert.deepEqual(places(closed, ['12-25']), ['4:5 warning no-tick-left'])
  assert.deepEqual(places(closed, ['12-26']), [])
  const often = `schedules:\n  a:\n    every: 1s\n    exclude: closed\n    job: x\n`
  assert.deepEqual(places(often, ['01-01..12-31']), ['4:5 warning no-tick-left'])
  assert.deepEqual(places(often, ['01-01..08-30', '09-01..12-31']), [])
  const ended = `schedules:\n  a:\n    cron: 0 9 * * *\n    job: x\n    ends: 2026-11-01\n`
  assert.deepEqual(places(ended), ['5:5 warning has-ended'])
})
