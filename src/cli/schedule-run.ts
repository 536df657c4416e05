import type { Command } from 'commander'
import { type Json, jsonText } from '../job/json.ts'
import { writePayload } from '../job/payload.ts'
import { instant } from '../time/clock.ts'
import { merged, runNow } from '../timetable/run.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import { TZ_DATA } from '../wiring/version.ts'
import { type Cli, command } from './context.ts'
import { usageError } from './exit.ts'
import { payloadOf } from './job-enqueue.ts'
import { jobsOf } from './project.ts'
import { aboutSchedule, byWhom, type NamedFlags, type Steered, steer, unknown } from './schedule-named.ts'
import { local } from './schedule-ticks.ts'
import { print } from './terminal.ts'
import { iso } from './words.ts'

type RunFlags = NamedFlags & { readonly payload?: string }

/** `morrow schedule run`: makes a job of a schedule now; its ticks stay as they are. */
export const runCommand = (cli: Cli): Command =>
  byWhom(
    aboutSchedule(
      command(
        'run',
        'make a job of it now, of one that is paused or manual too; its next tick stays where it is',
        'morrow schedule run daily-digest',
        `morrow schedule run daily-digest --payload '{"audience":"trial"}'`,
      ),
    ),
  )
    .option(
      '--payload <json>',
      "laid over the payload of the schedule: key by key, or in its place where it is no object's",
    )
    .action((name: string, flags: RunFlags) => {
      const payload = jsonOf(payloadOf(flags.payload))
      return steer(cli, name, flags, (steered) => runIt(steered, payload))
    })

/** What JSON.parse takes and Morrow does not: names that would reach into prototypes. */
function jsonOf(payload: unknown): Json | undefined {
  if (payload === undefined) return undefined
  const text = jsonText(payload, 'payload')
  if (typeof text === 'string') return payload as Json
  throw usageError(`--payload: ${text.map(({ path, message }) => `${path}: ${message}`).join('; ')}`)
}

async function runIt(steered: Steered, payload: Json | undefined): Promise<void> {
  const { cli, project, session, name, json, zone, by, stands } = steered
  await check(steered, payload)
  const { checkPayload } = await catalogueFor(jobsOf(project))
  const given = payload === undefined ? {} : { payload }
  const done = await runNow(session.store, name, { ...given, by, tz: TZ_DATA, check: checkPayload })
  switch (done.kind) {
    case 'unknown':
      return unknown(steered)
    case 'invalid':
      throw usageError(`the payload of ${name} is refused: ${done.faults.join('; ')}`)
    case 'made': {
      const { queue, nextAt } = stands
      const next = nextAt === null ? 'it has no next tick' : `its next tick stays at ${local(zone, instant(nextAt))}`
      const text = `${done.id}  made from ${name} in queue ${queue}; ${next}`
      print(cli.terminal, json, { text, value: { name, outcome: done.kind, id: done.id, queue, nextAt: iso(nextAt) } })
    }
  }
}

/** A schema may answer later, which the run itself does not wait for. */
async function check({ project, compiled: { definition } }: Steered, payload: Json | undefined): Promise<void> {
  const contract = jobsOf(project).find(({ name }) => name === definition.job)
  if (contract === undefined) return
  const whole = merged(definition.payload, payload)
  await writePayload(contract, whole, project.config.payloadLimit)
}
