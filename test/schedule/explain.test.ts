import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClockChange, changesOfNextYear, effectsOf } from '../../src/schedule/clock-changes.ts'
import { type CompiledCron, compileCron, next } from '../../src/schedule/cron.ts'
import type { DstPolicy } from '../../src/schedule/cron-walk.ts'
import { effectText, explain, readingsText } from '../../src/schedule/explain.ts'
import { compileTiming } from '../../src/schedule/timing.ts'
import { instant } from '../../src/time/clock.ts'
import { timeText } from '../../src/time/reading.ts'
import { instantsOf, zoneOf } from '../../src/time/zone.ts'
import { POLICIES } from './oracle-compare.ts'

const from = instant(Date.UTC(2026, 10, 23))

const explained = (text: string | readonly string[], zone: string, dst?: Partial<DstPolicy>) =>
  explain(compileTiming(text, zone, { seed: 'nightly', dst }), from)

test('an expression is explained field by field, H resolved', () => {
  const { sentence, zone, patterns } = explained('H H(1-3) 1,15 */3 MON-FRI', 'Europe/Berlin')
  assert.equal(zone, 'Europe/Berlin')
  assert.match(sentence, /^at 0\d:34 on the 1st and the 15th of January, April, July and October and on weekdays in/)
  assert.equal(patterns.length, 1)
  const [pattern] = patterns
  assert.equal(pattern?.kind, 'wall-clock')
  assert.deepEqual(pattern?.dst, { gap: 'run', overlap: 'first' })
  assert.match(pattern?.days ?? '', /either of them is enough/)
  assert.deepEqual(
    pattern?.fields.map(({ field, written, means }) => `${field}: ${written}: ${means}`),
    [
      'second: 0: 0',
      'minute: H: 34',
      `hour: H(1-3): ${pattern?.fields[2]?.resolved}`,
      'day of month: 1,15: the 1st and the 15th',
      'month: */3: January, April, July and October',
      'day of week: MON-FRI: weekdays',
    ],
  )
  assert.equal(explained('0 9 * * *', 'UTC').patterns[0]?.fields[4]?.means, 'every month')
  assert.match(explained('0 0 1-31 * 1', 'UTC').patterns[0]?.days ?? '', /every day matches/)
  assert.match(explained('0 0 */2 * 1', 'UTC').patterns[0]?.days ?? '', /has to match both/)
  assert.equal(explained('0 0 * * 1', 'UTC').patterns[0]?.days, undefined)
})

test('the changes of clocks of the next year are told, and what becomes of the ticks', () => {
  const told = (text: string | readonly string[], zone: string, dst?: Partial<DstPolicy>): readonly string[] =>
    explained(text, zone, dst).clockChanges.map(({ clocks, effect }) => `${clocks}: ${effect}`)
  const [on, back] = ['2027-03-28: clocks go on from 02:00 to 03:00', '2027-10-31: clocks go back from 03:00 to 02:00']
  assert.deepEqual(told('30 2 * * *', 'Europe/Berlin'), [
    `${on}: 02:30 does not exist: it runs once, at 03:00`,
    `${back}: 02:30 comes twice: it runs the first time only`,
  ])
  assert.deepEqual(told('30 2 * * *', 'Europe/Berlin', { gap: 'skip', overlap: 'both' }), [
    `${on}: 02:30 does not exist and does not run`,
    `${back}: 02:30 comes twice and runs both times`,
  ])
  assert.deepEqual(told('*/20 * * * *', 'Europe/Berlin'), [
    `${on}: 02:00, 02:20 and 02:40 do not exist and do not run`,
    `${back}: 02:00, 02:20 and 02:40 come twice and run both times`,
  ])
  assert.deepEqual(told('0 9 * * *', 'Europe/Berlin'), [`${on}: no tick is touched`, `${back}: no tick is touched`])
  assert.deepEqual(told('0 9 * * *', 'Asia/Kolkata'), [])
  assert.match(told('15 2 * * *', 'Australia/Lord_Howe').join('; '), /02:15 does not exist: it runs once, at 02:30/)
  assert.match(
    told('30 23 * * *', 'Asia/Beirut').join('; '),
    /go back from 00:00 to 23:00 on 2027-10-30: 23:30 comes twice/,
  )
})

test('a rhythmic pattern says why it is one, and that it has no policy', () => {
  const rhythmic = explained('*/10 1 * * *', 'Europe/London')
  assert.equal(rhythmic.patterns[0]?.kind, 'rhythmic')
  assert.match(rhythmic.patterns[0]?.why ?? '', /^the minutes have a star: it runs at every instant/)
  assert.equal(rhythmic.patterns[0]?.dst, undefined)
  assert.match(rhythmic.clockChanges[0]?.effect ?? '', /01:00, 01:10, 01:20, … do not exist and do not run/)
  assert.match(explained('0 * * * *', 'UTC').patterns[0]?.why ?? '', /^it has all 24 hours/)
})

test('the effects that are told are what the engine does', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Beirut', 'Antarctica/Troll']) {
    const changes = changesOfNextYear(zoneOf(zone), from)
    assert.ok(changes.length >= 2, zone)
    for (const dst of POLICIES) {
      for (const text of ['30 2 * * *', '15 1 * * *', '0 0 * * *', '30 23 * * *', '45 1-3 * * *', '*/20 2 * * *']) {
        const rhythmic = text.includes('/')
        const cron = compileCron(text, zone, { seed: '', dst: rhythmic ? undefined : dst })
        const shown = changes.map((change) =>
          effectsOf(cron, change)
            .map((effect) => effectText(cron, change, effect))
            .join(),
        )
        assert.deepEqual(
          shown,
          changes.map((change) => expectedEffect(cron, change)),
          `${text} ${zone}`,
        )
      }
    }
  }
})

/** The kind of effect, found by asking the engine for the ticks around a change. */
function expectedEffect(cron: CompiledCron, change: ClockChange): string {
  const [effect] = effectsOf(cron, change)
  if (effect === undefined) return ''
  const ticks = new Set<number>()
  const [begin, end] = [change.at - 26 * 3_600_000, change.at + 26 * 3_600_000]
  for (let at = next(cron, instant(begin)); at !== null && at < end; at = next(cron, at)) ticks.add(at)
  const [reading = change.from] = effect.matches
  const names = readingsText(effect)
  const [does, run, it] = effect.matches.length === 1 ? ['does', 'runs', 'it'] : ['do', 'run', 'they']
  const shown = instantsOf(cron.zone, reading)
  if (shown.kind === 'gap') {
    const runs = ticks.has(change.at)
    return `${names} ${does} not exist${runs ? `: ${it} ${run} once, at ${timeText(change.to)}` : ` and ${does} not run`}`
  }
  assert.equal(shown.kind, 'repeated')
  const both = shown.kind === 'repeated' && ticks.has(shown.first) && ticks.has(shown.second)
  const which = shown.kind === 'repeated' && ticks.has(shown.first) ? 'first' : 'last'
  const twice = `${names} ${effect.matches.length === 1 ? 'comes' : 'come'} twice`
  return both ? `${twice} and ${run} both times` : `${twice}: ${it} ${run} the ${which} time only`
}

test('intervals and manual schedules have a sentence and no fields', () => {
  assert.deepEqual(explained('@every 15m', 'UTC'), { sentence: 'every 15 minutes', patterns: [], clockChanges: [] })
  assert.equal(explain({ kind: 'manual' }, from).sentence, 'only when a person asks for it')
})
