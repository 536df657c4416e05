import type { Command } from 'commander'
import { excerpt, nearest } from '../errors.ts'
import { InvalidJobError } from '../job/errors.ts'
import type { AnyPlace, InstantSpan, JobCriteria } from '../job/selection-client.ts'
import { type Instant, instant } from '../time/clock.ts'
import { dateText } from '../time/reading.ts'
import { readingAt, type Zone, zoneOf } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { contractOf } from './contracts.ts'
import { EXIT, usageError } from './exit.ts'
import { dayOrInstantSaid } from './instants.ts'
import type { Project } from './project.ts'
import { local } from './schedule-ticks.ts'
import type { Session } from './session.ts'

/** The flags that say which jobs are meant. */
export type SelectionFlags = {
  readonly job?: string
  readonly queue?: string
  readonly place?: string
  readonly due?: string
  readonly created?: string
  readonly where?: readonly string[]
  readonly tz?: string
}

/** Adds the flags that say which jobs are meant, but --queue and --tz, which some commands have already. */
export const withSelection = (to: Command): Command =>
  to
    .option('--job <name>', 'jobs of this type')
    .option('--place <places>', 'where they are: scheduled,ready,held; these three unless said')
    .option('--due <A..B>', "due from A on and before B: instants, '2026-12-01 09:00', dates, or 10:00 for today")
    .option('--created <A..B>', 'created from A on and before B')
    .option(
      '--where <path=value>',
      'what the payload has there, as to=ada@example.com; may be given several times',
      gather,
    )

const gather = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

const NAMES = ['job', 'queue', 'place', 'due', 'created', 'where'] as const

/** The flags among them that are given. */
export const selecting = (flags: SelectionFlags): readonly string[] =>
  NAMES.filter((name) => flags[name] !== undefined).map((name) => `--${name}`)

/** A command on many jobs. */
export type Asked = { readonly cli: Cli; readonly project: Project; readonly session: Session; readonly zone: Zone }

/** The zone in which a command reads times and shows them. */
export const zoneFor = ({ config }: Project, { tz }: SelectionFlags): Zone =>
  tz === undefined ? zoneOf(config.timeZone) : zoneOf(tz, '--tz')

/** What is selected by these flags; undefined where a queue is named that is not there, which is then said. */
export async function criteriaOf(asked: Asked, flags: SelectionFlags): Promise<JobCriteria | undefined> {
  const { job, queue, place, due, created, where } = flags
  const queues = queue?.split(',')
  if (queues !== undefined && !(await areKnown(asked, queues))) return undefined
  const now = instant(await asked.session.store.inspector.time())
  const spans = {
    ...(due === undefined ? {} : { due: spanOf(asked, due, '--due', now) }),
    ...(created === undefined ? {} : { created: spanOf(asked, created, '--created', now) }),
  }
  return {
    ...(job === undefined ? {} : { job }),
    ...(queues === undefined ? {} : { queue: queues }),
    // What places there are is checked where those of all callers are.
    ...(place === undefined ? {} : { place: place.split(',').map((each) => each.trim()) as AnyPlace[] }),
    ...spans,
    ...(where === undefined ? {} : { where: predicateOf(where) }),
  }
}

/** The same with the job type itself, by whose schema payloads are checked. */
export async function typedCriteriaOf(asked: Asked, flags: SelectionFlags): Promise<JobCriteria | undefined> {
  const criteria = await criteriaOf(asked, flags)
  if (criteria === undefined || flags.job === undefined) return criteria
  const only = flags.queue?.split(',')[0]
  const job = await contractOf(asked.project, asked.session, flags.job, only)
  return { ...criteria, job }
}

async function areKnown({ cli, session }: Asked, queues: readonly string[]): Promise<boolean> {
  const known = await session.store.space.queues()
  const strange = queues.find((queue) => !known.includes(queue))
  if (strange === undefined) return true
  const meant = nearest(strange, known)
  const hint = meant === undefined ? 'morrow queue ls shows all' : `did you mean ${meant}?`
  cli.terminal.say(`there is no queue ${excerpt(strange)}; ${hint}`)
  cli.finish(EXIT.unknown)
  return false
}

/** 'A..B', 'A..' or '..B'; how it was read is echoed. */
function spanOf({ cli, zone }: Asked, text: string, flag: string, now: Instant): InstantSpan {
  const [from, to, ...more] = text.split('..').map((part) => part.trim())
  if (from === undefined || to === undefined || more.length > 0 || from + to === '') {
    throw usageError(
      `${flag}: expected two times such as 10:00..10:05, one of which may be left out, got ${excerpt(text)}`,
    )
  }
  const read = (part: string): Date | undefined => {
    if (part === '') return undefined
    const { at, note } = dayOrInstantSaid(onToday(part, zone, now), flag, zone)
    if (note !== undefined) cli.terminal.say(`${flag}: ${note}`)
    return new Date(at)
  }
  const span = { from: read(from), to: read(to) }
  const shown = [span.from, span.to].map((at) => (at === undefined ? 'any time' : local(zone, at.getTime())))
  cli.terminal.say(`${flag}: from ${shown.join(' to before ')}`)
  return {
    ...(span.from === undefined ? {} : { from: span.from }),
    ...(span.to === undefined ? {} : { to: span.to }),
  }
}

/** What a call refuses of a selection was said in flags: an error of use. */
export async function asUse<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof InvalidJobError ? usageError(error.message) : error
  }
}

/** A time of day is one of today. */
const onToday = (text: string, zone: Zone, now: Instant): string =>
  /^\d\d:\d\d(:\d\d)?$/.test(text) ? `${dateText(readingAt(zone, now))} ${text}` : text

function predicateOf(texts: readonly string[]): (payload: unknown) => boolean {
  const wanted = texts.map((text) => {
    const [, path, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (path === undefined || value === undefined) {
      throw usageError(`--where: expected a path and a value such as user.id=42, got ${excerpt(text)}`)
    }
    return { path: path.trim().split('.'), value }
  })
  return (payload) => wanted.every(({ path, value }) => textAt(payload, path) === value)
}

/** A text as it is, anything else as JSON. */
function textAt(payload: unknown, path: readonly string[]): string | undefined {
  let at = payload
  for (const key of path) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined
  }
  return typeof at === 'string' ? at : JSON.stringify(at)
}
