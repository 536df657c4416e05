import { comingTicks } from '../schedule/coming.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { policiesInWords } from '../schedule/describe-policies.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { countUnended } from '../store/unended.ts'
import { instant } from '../time/clock.ts'
import { readInForce } from '../timetable/amend.ts'
import { lastRunOf, pauseAt, stateOf } from '../timetable/state.ts'
import type { Cli } from './context.ts'
import { openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { unknown } from './schedule-named.ts'
import { type Shown, showText } from './schedule-show-text.ts'
import { type ShownTick, tickValue } from './schedule-ticks.ts'
import { countOf } from './schedule-timing.ts'
import { scheduleValue } from './schedule-value.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'
import { iso } from './words.ts'

type ShowFlags = FolderFlags & { readonly count: string }

/** Prints a schedule in force: its definition in words, where it stands, its next ticks; exit code 3 when there is none. */
export async function showSchedule(cli: Cli, name: string, flags: ShowFlags): Promise<void> {
  const count = countOf(flags.count)
  const { config } = await openProject(folderSettings(flags))
  await withStore(config, async (session) => {
    const shown = await look(session.store, name, count)
    if (shown === undefined) return unknown({ cli, session, name, json: flags.json === true })
    print(cli.terminal, flags.json, { text: showText(shown), value: shownValue(shown) })
  })
}

/** What is in force under the name; undefined when nothing is. */
async function look(store: Store, name: string, count: number): Promise<Shown | undefined> {
  const found = await readInForce(store, name)
  if (found === undefined) return undefined
  const { stands, compiled } = found
  const { definition } = compiled
  const now = await store.inspector.time()
  const [lastRun, unended] = await Promise.all([
    lastRunOf(store, stands),
    countUnended(store.connection, store.prefix, stands),
  ])
  const state = stateOf(stands, definition, now)
  return { now, stands, compiled, state, lastRun, unended, ticks: ticksOf(stands, definition, count) }
}

/** The stored next tick is the authority; what comes after it is computed. After its limit a schedule plans nothing. */
function ticksOf(stands: StoredSchedule, definition: ScheduleDefinition, count: number): readonly ShownTick[] {
  const { nextAt, skips, counted } = stands
  if (nextAt === null) return []
  const { limit = Number.POSITIVE_INFINITY } = definition.policies
  const rows: ShownTick[] = []
  let made = counted
  for (const tick of comingTicks(definition, instant(nextAt - 1), count)) {
    if (made >= limit) return rows
    const dueAt = tick.due?.at ?? tick.at
    const isPaused = pauseAt(stands, dueAt) !== undefined
    const state = skips.includes(tick.at) ? 'called off' : isPaused ? 'paused' : undefined
    rows.push(state === undefined ? tick : { ...tick, state })
    if (state === undefined && tick.excluded === undefined) made += 1
  }
  return rows
}

function shownValue(shown: Shown) {
  const { stands, compiled, unended, ticks } = shown
  const { payload, policies } = compiled.definition
  return {
    ...scheduleValue(shown),
    ...(payload === undefined ? {} : { payload }),
    formerQueues: stands.former,
    since: iso(stands.since),
    latenessBudgetMs: policies.lateness?.p99 ?? null,
    counted: stands.counted,
    limit: policies.limit ?? null,
    unended,
    pauses: stands.pauses.map((pause) => ({ ...pause, since: iso(pause.since), until: iso(pause.until) })),
    skips: stands.skips.map(iso),
    calledOff: stands.calledOff.map(({ since, at, ...rest }) => ({ ...rest, since: iso(since), at: at.map(iso) })),
    policies: policiesInWords(compiled.definition),
    ticks: ticks.map(tickValue),
  }
}
