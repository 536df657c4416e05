import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comingTicks } from '../../src/schedule/coming.ts'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import { policiesInWords } from '../../src/schedule/describe-policies.ts'
import { DEFAULT_POLICIES, type Policies } from '../../src/schedule/policies.ts'
import { duration, instant } from '../../src/time/clock.ts'

const at = (text: string) => instant(Date.parse(text))

const nightly = (policies: Partial<Policies>, more: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  name: 'nightly',
  timing: { kind: 'cron', cron: ['30 2 * * *'] },
  tz: 'Europe/Berlin',
  job: 'note',
  enabled: true,
  source: { file: 'schedules/a.yml', line: 2, column: 3 },
  ...more,
  policies: { ...DEFAULT_POLICIES, ...policies },
})

test('coming ticks stand between starts and ends, with the calendar that excludes them and what clocks do', () => {
  const exclude = [{ name: 'easter', dates: ['2027-03-27'], weekly: [] }]
  const definition = nightly({ starts: at('2027-03-27T00:00:00Z'), ends: at('2027-03-28T12:00:00Z'), exclude })
  assert.deepEqual(comingTicks(definition, at('2027-01-01T00:00:00Z'), 9), [
    { at: at('2027-03-27T01:30:00Z'), local: '2027-03-27T02:30:00+01:00', excluded: 'easter' },
    {
      at: at('2027-03-28T01:00:00Z'),
      local: '2027-03-28T03:00:00+02:00',
      note: '02:30 does not exist on 2027-03-28 in Europe/Berlin (clocks go from 02:00 to 03:00): taken as 03:00',
    },
  ])
})

test('a tick that is spread tells when it is due, always by the same share', () => {
  const rows = comingTicks(nightly({ spread: duration(600_000) }), at('2027-01-01T00:00:00Z'), 3)
  const shares = new Set(rows.map(({ at: planned, due }) => (due?.at ?? 0) - planned))
  assert.equal(shares.size, 1)
  const [share = 0] = shares
  assert.ok(share > 0 && share < 600_000)
})

test('what has no ticks has none to come, and an interval is shown in the zone of its schedule', () => {
  assert.deepEqual(comingTicks(nightly({}, { timing: { kind: 'manual' } }), instant(0), 3), [])
  const every = { kind: 'every', every: duration(3_600_000), offset: duration(0) } as const
  assert.equal(comingTicks(nightly({}, { timing: every }), instant(0), 1)[0]?.local, '1970-01-01T02:00:00+01:00')
})

test('policies are told in words', () => {
  const said = policiesInWords(
    nightly({
      missed: { kind: 'all', max: 3, within: duration(7_200_000) },
      overlap: 'queue-one',
      deadline: duration(300_000),
      starts: at('2027-01-01T00:00:00Z'),
      limit: 1,
      exclude: [
        { name: 'a', dates: ['12-25'], weekly: [] },
        { name: 'b', dates: ['12-26'], weekly: [] },
      ],
      retry: { attempts: 3, backoff: { kind: 'fixed', wait: duration(1_000) } },
      timeout: duration(3_600_000),
      owner: 'team-money',
      lateness: { p99: duration(2_000) },
    }),
  )
  assert.deepEqual(Object.fromEntries(said.map(({ key, text }) => [key, text])), {
    missed: 'the newest 3 missed ticks that are no older than 2 hours run, oldest first',
    deadline: 'a tick that has not begun 5 minutes after it was due is skipped',
    starts: 'no tick before 2027-01-01T01:00:00+01:00 Europe/Berlin',
    limit: '1 job at most',
    exclude: 'no tick in a and b, on the clocks of Europe/Berlin',
    overlap: 'a tick waits while an earlier run has not ended; one at most',
    retry: '3 attempts, the first run included, fixed waits between them',
    timeout: 'an attempt may take 1 hour',
    lateness: '99 of 100 ticks begin within 2 seconds of their due instant',
    owner: 'team-money',
  })
  assert.deepEqual(
    policiesInWords(nightly({}, { timing: { kind: 'manual' } })).map(({ key }) => key),
    ['overlap'],
  )
})
