import { excerpt } from '../errors.ts'
import { type Duration, duration } from '../time/clock.ts'
import { parseDuration } from '../time/duration.ts'
import { zoneOf } from '../time/zone.ts'
import { zoneInCron } from './cron.ts'
import { everyInCron } from './cron-text.ts'
import { type TimingText, timingOf } from './definition.ts'
import { compileEvery } from './every.ts'
import { attempt, booleanAt, came, type Fields, report, textAt, textsAt } from './fields.ts'
import type { Entry } from './yaml-tree.ts'

/** When a schedule ticks, and its zone. */
export type ReadTiming = { readonly timing: TimingText; readonly tz: string }

/** The schedule being read: `fields` with the defaults, `own` without them. */
export type Subject = {
  readonly name: string
  readonly entry: Entry
  readonly fields: Fields
  readonly own: ReadonlyMap<string, Entry>
  readonly defaultZone: string
}

const KINDS = ['cron', 'every', 'manual'] as const

/** Reads cron, every, offset, manual and tz of a schedule; undefined when there are faults. */
export function readTiming(subject: Subject): ReadTiming | undefined {
  const { fields, own, entry } = subject
  const given = KINDS.map((kind) => own.get(kind)).filter((one) => one !== undefined)
  const [first, second] = given
  const tz = readZone(fields, subject.defaultZone)
  if (first === undefined) {
    report(fields, entry.place, '', `expected cron, every or manual: true, got none of them`)
    return undefined
  }
  if (second !== undefined) {
    const kinds = given.map((one) => one.key).join(' and ')
    report(fields, second.place, '', `expected one of cron, every and manual, got ${kinds}; leave out all but one`)
    return undefined
  }
  const offset = own.get('offset')
  if (offset !== undefined && first.key !== 'every') {
    report(fields, offset.place, 'offset', `expected only beside every, got it beside ${first.key}`)
  }
  if (first.key === 'cron') return readCron(subject, first, tz)
  if (first.key === 'every') return readEvery(subject, first, tz ?? subject.defaultZone)
  const manual = booleanAt(fields, first)
  if (manual === false) {
    report(fields, first.value.place, 'manual', `expected true, got false; leave it out and write cron or every`)
  }
  return manual === true && tz !== undefined ? { timing: { kind: 'manual' }, tz } : undefined
}

/** The zone of the schedule or its defaults, checked; undefined when it is faulty. */
/** The zone under tz, or the default; undefined where it is faulty. */
export function readZone(fields: Fields, defaultZone: string): string | undefined {
  const entry = fields.entries.get('tz')
  if (entry === undefined) return defaultZone
  const text = textAt(fields, entry, `a time zone such as 'Europe/Berlin'`)
  if (text === undefined) return undefined
  return attempt(fields, entry.value.place, 'tz', () => zoneOf(text).name)
}

/** An expression is looked at beside a faulty zone too. */
function readCron({ name, fields, own }: Subject, entry: Entry, zone: string | undefined): ReadTiming | undefined {
  const tz = zone ?? 'UTC'
  const ownZone = own.get('tz')
  const cron = textsAt(fields, entry, `an expression such as '0 9 * * 1-5'`)
  if (cron === undefined) return undefined
  const read = attempt(fields, entry.value.place, 'cron', () => {
    const every = everyInCron(cron)
    if (every !== undefined) return readEveryMacro(fields, ownZone, every, tz)
    const timing: TimingText = { kind: 'cron', cron }
    const compiled = timingOf({ name, timing, tz })
    const inText = zoneInCron(cron)
    if (inText !== undefined && ownZone !== undefined && zone !== undefined && inText !== tz) {
      report(
        fields,
        ownZone.value.place,
        'tz',
        `expected one time zone, got ${excerpt(tz)} here and ${excerpt(inText)} in cron; leave out one`,
      )
    }
    return { timing, tz: compiled.kind === 'cron' ? compiled.zone.name : tz }
  })
  return zone === undefined ? undefined : read
}

/** `cron: '@every 15m'` is `every: 15m`. */
function readEveryMacro(fields: Fields, zone: Entry | undefined, every: Duration, tz: string): ReadTiming {
  compileEvery({ every })
  if (zone !== undefined)
    report(
      fields,
      zone.place,
      'tz',
      `expected only beside cron: @every is elapsed time, the same in each zone; leave it out`,
    )
  return { timing: { kind: 'every', every, offset: duration(0) }, tz }
}

function readEvery({ name, fields, own }: Subject, entry: Entry, tz: string): ReadTiming | undefined {
  const zone = own.get('tz')
  if (zone !== undefined)
    report(
      fields,
      zone.place,
      'tz',
      `expected only beside cron: every is elapsed time, the same in each zone; leave it out`,
    )
  const offset = own.get('offset')
  const every = readLength(fields, entry)
  const shift = offset === undefined ? duration(0) : readLength(fields, offset)
  if (every === undefined || shift === undefined) return undefined
  const timing: TimingText = { kind: 'every', every, offset: shift }
  return attempt(fields, entry.value.place, '', () => {
    timingOf({ name, timing, tz })
    return { timing, tz }
  })
}

function readLength(fields: Fields, entry: Entry): ReturnType<typeof parseDuration> | undefined {
  const tree = entry.value
  if (tree.kind === 'scalar' && (typeof tree.value === 'string' || typeof tree.value === 'number')) {
    if (typeof tree.value === 'string' && tree.value.includes('<%')) return void textAt(fields, entry, 'a duration')
    return attempt(fields, tree.place, '', () => parseDuration(tree.value, entry.key))
  }
  report(
    fields,
    tree.place,
    entry.key,
    `expected a duration such as '15m' or '1h30m', got ${came(tree)}; write it as one text`,
  )
  return undefined
}
