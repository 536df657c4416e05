// npm run oracle: the engine against a walk over every minute and second, in every zone that this Node knows.
// It writes docs/soak/oracle.md; stopped, it goes on where it was when it is started again. --quick walks a few zones only.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare, DEFAULT, POLICIES, readOnce } from './oracle-compare.ts'
import { EXPRESSIONS, SECOND_EXPRESSIONS } from './oracle-expressions.ts'
import { DAY, HOUR, lineOf, MINUTE, type Rules } from './walker.ts'
import { type DistinctZone, distinctZones, random } from './zones.ts'

const [FIRST_YEAR, LAST_YEAR] = [2024, 2030]
const BESIDE = 36 * HOUR
const WEEKS = 20
const SEED = 20_261_123
/** Of the weeks, `* * * * * *` is walked in these only: each has 604,800 ticks, and they are the same everywhere. */
const WEEKS_OF_EACH_SECOND = 2
const MOST_SHOWN = 50

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const quick = process.argv.includes('--quick')

type Count = { windows: number; comparisons: number; ticks: number; readings: number; different: string[] }
type State = { readonly key: string; seconds: number; zones: string[]; jumps: Count; weeks: Count }

const none = (): Count => ({ windows: 0, comparisons: 0, ticks: 0, readings: 0, different: [] })
const versions = `Node ${process.versions.node}, tz data ${process.versions['tz']}, ICU ${process.versions['icu']}`

const found = distinctZones(FIRST_YEAR, LAST_YEAR + 1)
const zones = quick ? found.filter((_, i) => i % 23 === 0) : found
const stateFile = join(root, 'node_modules', '.cache', `morrow-oracle${quick ? '-quick' : ''}.json`)
const state = resumed()
for (const [index, zone] of zones.entries()) {
  if (state.zones.includes(zone.name)) continue
  const started = performance.now()
  walkZone(zone, index)
  state.seconds += (performance.now() - started) / 1_000
  state.zones.push(zone.name)
  writeFileSync(stateFile, JSON.stringify(state))
  const differences = state.jumps.different.length + state.weeks.different.length
  console.log(
    `${state.zones.length}/${zones.length} ${zone.name}: ${zone.jumps.length} changes, ${differences} differences so far`,
  )
}
const differences = [...state.jumps.different, ...state.weeks.different]
if (!quick) {
  mkdirSync(join(root, 'docs', 'soak'), { recursive: true })
  writeFileSync(join(root, 'docs', 'soak', 'oracle.md'), report())
  rmSync(stateFile, { force: true })
}
console.log(
  `${differences.length} differences in ${(state.jumps.ticks + state.weeks.ticks).toLocaleString('en-US')} ticks`,
)
for (const text of differences.slice(0, MOST_SHOWN)) console.log(text)
process.exitCode = differences.length === 0 ? 0 : 1

/** What an earlier run of the same code on the same data has walked already. */
function resumed(): State {
  const hash = createHash('sha256')
    .update(versions)
    .update(JSON.stringify([EXPRESSIONS, SECOND_EXPRESSIONS, SEED]))
  for (const folder of ['src/schedule', 'src/time', 'test/schedule']) {
    const names = readdirSync(join(root, folder)).filter((name) =>
      /^(cron|zone|reading|walker|oracle|hashed)/.test(name),
    )
    for (const name of names.sort()) hash.update(readFileSync(join(root, folder, name)))
  }
  const key = hash.digest('hex')
  mkdirSync(dirname(stateFile), { recursive: true })
  try {
    const kept: State = JSON.parse(readFileSync(stateFile, 'utf8'))
    if (kept.key === key) return kept
  } catch {
    // There is none, or it was cut off while it was written: the walk begins anew.
  }
  return { key, seconds: 0, zones: [], jumps: none(), weeks: none() }
}

function walkZone({ name, jumps }: DistinctZone, index: number): void {
  for (const at of jumps) {
    walkWindow(state.jumps, name, at - BESIDE, at + BESIDE, MINUTE, EXPRESSIONS, POLICIES)
    walkWindow(state.jumps, name, at - BESIDE, at + BESIDE, 1_000, SECOND_EXPRESSIONS, POLICIES)
  }
  const next = random(SEED + index)
  const days = (Date.UTC(LAST_YEAR + 1, 0, 1) - Date.UTC(FIRST_YEAR, 0, 1)) / DAY - 7
  for (let week = 0; week < WEEKS; week++) {
    const from = Date.UTC(FIRST_YEAR, 0, 1) + Math.floor(next() * days) * DAY
    const inSeconds = SECOND_EXPRESSIONS.filter((text) => week < WEEKS_OF_EACH_SECOND || text !== '* * * * * *')
    walkWindow(state.weeks, name, from, from + 7 * DAY, MINUTE, EXPRESSIONS, [DEFAULT])
    walkWindow(state.weeks, name, from, from + 7 * DAY, 1_000, inSeconds, [DEFAULT])
  }
}

function walkWindow(
  count: Count,
  zone: string,
  from: number,
  to: number,
  step: number,
  expressions: readonly string[],
  policies: readonly Rules[],
): void {
  const line = lineOf(zone, from, to, step)
  count.windows += 1
  for (const expression of expressions) {
    for (const rules of readOnce(expression).rhythmic ? [DEFAULT] : policies) {
      const compared = compare(expression, line, rules)
      count.comparisons += 1
      count.readings += (to - from) / step
      if (compared.kind === 'equal') count.ticks += compared.ticks
      else count.different.push(compared.text)
    }
  }
}

function report(): string {
  const alike = zones.reduce((sum, zone) => sum + zone.alike, 0)
  const changes = zones.reduce((sum, zone) => sum + zone.jumps.length, 0)
  const row = (what: string, { windows, comparisons, readings, ticks, different }: Count): string =>
    `| ${[what, ...[windows, comparisons, readings, ticks, different.length].map((value) => value.toLocaleString('en-US'))].join(' | ')} |`
  return `# The oracle: the engine against a walk over every minute and second

Written by \`npm run oracle\` on ${new Date().toISOString().slice(0, 10)}. ${versions}, ${Math.round(state.seconds / 60)} minutes on one core.

**${differences.length} differences.**

- ${alike} zone names that Node knows, UTC among them, ${zones.length} of them with different offsets in ${FIRST_YEAR} to ${LAST_YEAR}; equal ones are walked once. ${changes} changes of clocks.
- ${EXPRESSIONS.length} expressions walked minute by minute, ${SECOND_EXPRESSIONS.length} with six fields second by second (\`test/schedule/oracle-expressions.ts\`).
- Within ${BESIDE / HOUR} hours of each change, each wall-clock expression under all six \`dst\` policies; and ${WEEKS} random weeks of each zone
  (seed ${SEED}) under the default. \`* * * * * *\` is walked in ${WEEKS_OF_EACH_SECOND} of these weeks.
- Each tick is asked for with \`next\` from the tick before it and with \`previous\` from the tick after it.

| | windows | comparisons | readings looked at | ticks, each asked twice | differences |
|---|--:|--:|--:|--:|--:|
${row('beside changes of clocks', state.jumps)}
${row('random weeks', state.weeks)}

The walker (\`test/schedule/walker.ts\`) asks Luxon for offsets, reads expressions by itself, and shares no line with the engine.
${differences.length === 0 ? '' : `\n## Differences\n\n${differences.map((text) => `- ${text}`).join('\n')}\n`}`
}
