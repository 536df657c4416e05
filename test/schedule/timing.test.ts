import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidCronError } from '../../src/schedule/invalid-cron.ts'
import { readDefinitions } from '../../src/schedule/read-definitions.ts'
import { compileTiming, nextTick, previousTick } from '../../src/schedule/timing.ts'
import { instant } from '../../src/time/clock.ts'

const after = (text: string | readonly string[], from: string, count: number): readonly string[] => {
  const timing = compileTiming(text, 'UTC', { seed: '' })
  const found: string[] = []
  for (
    let at = nextTick(timing, instant(Date.parse(from)));
    at !== null && found.length < count;
    at = nextTick(timing, at)
  )
    found.push(new Date(at).toISOString().slice(11, 16))
  return found
}

test('@every is an interval on a grid that no restart moves', () => {
  assert.deepEqual(after('@every 15m', '2026-11-23T10:07:00Z', 2), ['10:15', '10:30'])
  assert.deepEqual(after('@every 1h30m', '2026-11-23T10:07:00Z', 2), ['10:30', '12:00'])
  assert.equal(compileTiming('@every 1 hour', 'Europe/Berlin', { seed: '' }).kind, 'every')
})

test('what @every cannot mean is refused with the reason', () => {
  const refused = (text: string | readonly string[], pattern: RegExp): void => {
    assert.throws(() => compileTiming(text, 'UTC', { seed: '' }), pattern, `${text}`)
  }
  refused('@every', /@every: expected a duration/)
  refused('@every 500ms', /at least 1 s/)
  refused('@every 1 month', /no fixed length/)
  refused('@every 15m Europe/Berlin', /elapsed time, the same in each zone.*leave out Europe\/Berlin/)
  refused(['@every 15m', '0 9 * * *'], /expected @every alone/)
  assert.throws(
    () => compileTiming('@every 15m', 'UTC', { seed: '', dst: { gap: 'skip' } }),
    (error) =>
      error instanceof InvalidCronError && /dst: expected only beside a wall-clock pattern/.test(error.message),
  )
})

test('several patterns are one schedule: one tick for each instant', () => {
  assert.deepEqual(after(['0 9 * * *', '0,30 9 * * *', '*/45 9 * * *'], '2026-11-23T00:00:00Z', 4), [
    '09:00',
    '09:30',
    '09:45',
    '09:00',
  ])
  const timing = compileTiming(['0 9 * * *', '0 9 * * 1-5'], 'Europe/London', { seed: '' })
  const first = nextTick(timing, instant(Date.UTC(2026, 10, 23)))
  assert.equal(previousTick(timing, instant((first ?? 0) + 1)), first)
})

test('dst is for wall-clock patterns; beside one of them a rhythmic one keeps its rule', () => {
  const dst = { gap: 'skip', overlap: 'both' } as const
  const timing = compileTiming(['30 2 * * *', '*/30 * * * *'], 'Europe/Berlin', { seed: '', dst })
  assert.deepEqual(timing.kind === 'cron' ? timing.patterns.map(({ readings }) => readings) : [], [dst, 'rhythmic'])
  assert.throws(
    () => compileTiming('0 * * * *', 'Europe/Berlin', { seed: '', dst }),
    /dst: expected only beside a wall-clock/,
  )
})

test('@every in a file is read as every, and takes neither a zone nor a policy for clocks', () => {
  const read = (lines: string) =>
    readDefinitions('f.yml', `schedules:\n  a:\n    cron: '@every 15m'\n    job: x\n${lines}`)
  assert.deepEqual(
    read('').schedules.map(({ timing }) => timing),
    [{ kind: 'every', every: 900_000, offset: 0 }],
  )
  assert.match(
    read('    tz: UTC\n').faults[0]?.message ?? '',
    /a\.tz: expected only beside cron: @every is elapsed time/,
  )
  assert.match(read('    dst: { gap: skip }\n').faults[0]?.message ?? '', /dst/)
})
