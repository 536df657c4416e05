import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCron } from '../../src/schedule/cron.ts'
import { compileEvery } from '../../src/schedule/every.ts'
import { ticks } from '../../src/schedule/ticks.ts'
import { previousTick } from '../../src/schedule/timing.ts'
import { duration, instant } from '../../src/time/clock.ts'

const at = (text: string) => instant(Date.parse(text))

test('each row shows the local time with its offset, and a note where clocks are changed', () => {
  const rows = ticks(compileCron('30 2 * * *', 'America/New_York', { seed: '' }), at('2026-03-07T00:00:00Z'), 3)
  assert.deepEqual(rows, [
    { at: at('2026-03-07T07:30:00Z'), local: '2026-03-07T02:30:00-05:00' },
    {
      at: at('2026-03-08T07:00:00Z'),
      local: '2026-03-08T03:00:00-04:00',
      note: '02:30 does not exist on 2026-03-08 in America/New_York (clocks go from 02:00 to 03:00): taken as 03:00',
    },
    { at: at('2026-03-09T06:30:00Z'), local: '2026-03-09T02:30:00-04:00' },
  ])
})

test('a time that happens twice says which one it is', () => {
  const wall = ticks(compileCron('30 1 * * *', 'America/New_York', { seed: '' }), at('2026-11-01T00:00:00Z'), 2)
  assert.deepEqual(
    wall.map(({ note }) => note),
    ['01:30 happens twice on 2026-11-01 in America/New_York: this is the first, at -04:00', undefined],
  )
  const rhythmic = ticks(compileCron('30 * * * *', 'America/New_York', { seed: '' }), at('2026-11-01T04:45:00Z'), 3)
  assert.deepEqual(
    rhythmic.map(({ local }) => local),
    ['2026-11-01T01:30:00-04:00', '2026-11-01T01:30:00-05:00', '2026-11-01T02:30:00-05:00'],
  )
  assert.match(rhythmic[1]?.note ?? '', /this is the second, at -05:00/)
  assert.equal(rhythmic[2]?.note, undefined)
})

test('an interval lies on a grid that no restart moves', () => {
  const grid = compileEvery({ every: duration(15 * 60_000), offset: duration(5 * 60_000) })
  assert.deepEqual(
    ticks(grid, at('2026-11-23T10:07:00Z'), 2, 'Europe/Berlin').map(({ local }) => local),
    ['2026-11-23T11:20:00+01:00', '2026-11-23T11:35:00+01:00'],
  )
  assert.equal(previousTick(grid, at('2026-11-23T10:20:00Z')), at('2026-11-23T10:05:00Z'))
  assert.throws(() => compileEvery({ every: duration(999) }), /at least 1 s/)
  assert.throws(() => compileEvery({ every: duration(1_000), offset: duration(1_000) }), /less than every/)
})

test('a manual schedule never ticks', () => {
  assert.deepEqual(ticks({ kind: 'manual' }, instant(0), 3), [])
})
