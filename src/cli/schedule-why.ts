import type { Command } from 'commander'
import { describe } from '../schedule/describe.ts'
import { isoLocal, zoneOf } from '../time/zone.ts'
import type { CausingDefinition, Why } from '../timetable/causes.ts'
import { why } from '../timetable/why.ts'
import { type Cli, command, settingsOf } from './context.ts'
import { instantSaid } from './instants.ts'
import { openProject } from './project.ts'
import { entryValue } from './schedule-history.ts'
import { aboutSchedule, type NamedFlags, unheardOf, zoneAbout } from './schedule-named.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'
import { iso } from './words.ts'

type WhyFlags = NamedFlags & { readonly at: string }

/** `morrow schedule why`: the chain of causes for one instant. */
export const whyCommand = (cli: Cli): Command =>
  aboutSchedule(
    command(
      'why',
      'why it ran at an instant, or why not: definition, policy, scheduler, job',
      'morrow schedule why daily-digest --at 2026-11-20T09:00:00+01:00',
      "morrow schedule why daily-digest --at '2026-11-20 09:00'",
    ),
  )
    .requiredOption('--at <instant>', "the planned instant, or '2026-11-20 09:00' on the clocks of the schedule")
    .action((name: string, flags: WhyFlags) => explain(cli, name, flags))

async function explain(cli: Cli, name: string, flags: WhyFlags): Promise<void> {
  const asked = flags.tz === undefined ? undefined : zoneOf(flags.tz, '--tz')
  const json = flags.json === true
  const { config } = await openProject(settingsOf(flags))
  await withStore(config, async (session) => {
    const own = await zoneAbout(session.store, name)
    if (own === undefined) return unheardOf({ cli, session, name, json })
    const zone = asked ?? own
    const { at, note } = instantSaid(flags.at, '--at', zone)
    const told = await why(session.store, name, at)
    if (told.kind === 'unknown') return unheardOf({ cli, session, name, json })
    const remark = note === undefined ? {} : { note }
    const value = { ...whyValue(told), local: isoLocal(zone, at), tz: zone.name, ...remark }
    print(cli.terminal, json, { text: told.lines.join('\n'), value })
    if (note !== undefined) cli.terminal.say(note)
  })
}

const whyValue = ({ name, at, verdict, lines, definition, entries, before, after }: Why) => ({
  name,
  at: iso(at),
  verdict,
  lines,
  definition: definition === null ? null : definitionValue(definition),
  entries: entries.map(entryValue),
  before: iso(before),
  after: iso(after),
})

function definitionValue({ compiled, version, generation, appliedAt, source }: CausingDefinition) {
  const { definition, rule } = compiled
  const { tz, job } = definition
  return { source, when: describe(rule.timing), tz, job, version, generation, appliedAt: iso(appliedAt) }
}
