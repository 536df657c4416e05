import { excerpt, nearest } from '../errors.ts'
import { keyName, scheduleName } from '../job/names.ts'
import { duration } from '../time/clock.ts'
import { SECOND } from '../time/duration.ts'
import type { CalendarText } from './calendar.ts'
import {
  attempt,
  choiceAt,
  type Fields,
  lengthAt,
  mapAt,
  refuseUnknown,
  report,
  textAt,
  textsAt,
  wholeAt,
} from './fields.ts'
import { DEFAULT_POLICIES, type MissedPolicy, MOST_MISSED, OVERLAPS, type Policies } from './policies.ts'
import type { Calendars } from './read-calendars.ts'
import { readRetryOverride } from './read-retry.ts'
import { readSpan, type SpanSubject } from './read-span.ts'
import type { Entry } from './yaml-tree.ts'

/** The policies that a file may say for all its schedules. */
export const SHARED_POLICY_KEYS = [
  'missed',
  'overlap',
  'dst',
  'spread',
  'deadline',
  'exclude',
  'priority',
  'tags',
  'owner',
  'runbook',
  'retry',
  'timeout',
  'expiresIn',
  'lateness',
] as const

/** The policies that a schedule may say. */
export const POLICY_KEYS = [...SHARED_POLICY_KEYS, 'starts', 'ends', 'limit', 'was'] as const

/** What speaks of ticks, which a manual schedule has none of. */
const OF_TICKS = ['missed', 'dst', 'spread', 'deadline', 'starts', 'ends', 'limit', 'exclude', 'lateness']

/** The most that `limit` and `missed: { max }` may say. */
export const MOST_RUNS = 1_000_000_000
export const MOST_CAUGHT_UP = 10_000
export const MOST_TAGS = 20

/** The schedule whose policies are read, and the calendars it may name; undefined where that is not known yet. */
export type PolicySubject = SpanSubject & { readonly calendars: Calendars | undefined }

/** Reads the policies of a schedule, or of the defaults of a file, which have no timing; undefined when there are faults. */
export function readPolicies(subject: PolicySubject): Policies | undefined {
  const { fields, own, timing } = subject
  const before = fields.faults.length
  const manual = timing?.timing.kind === 'manual'
  if (manual) refuseOfTicks(fields, own)
  const entries = manual ? new Map([...fields.entries].filter(([key]) => !OF_TICKS.includes(key))) : fields.entries
  const at = <T>(key: string, read: (entry: Entry) => T | undefined): T | undefined => {
    const entry = entries.get(key)
    return entry === undefined ? undefined : read(entry)
  }
  const exclude = at('exclude', (entry) => readExclude(subject, entry))
  const policies: Policies = said<Policies>({
    missed: at('missed', (entry) => readMissed(fields, entry)) ?? DEFAULT_POLICIES.missed,
    overlap: at('overlap', (entry) => choiceAt(fields, entry, OVERLAPS)) ?? DEFAULT_POLICIES.overlap,
    spread: at('spread', (entry) => lengthAt(fields, entry, duration(0))) || undefined,
    deadline: at('deadline', (entry) => lengthAt(fields, entry, duration(SECOND))),
    limit: at('limit', (entry) => wholeAt(fields, entry, 1, MOST_RUNS)),
    exclude: exclude === 'faulty' || exclude?.length === 0 ? undefined : exclude,
    priority: at('priority', (entry) => wholeAt(fields, entry, 0, 9)),
    tags: at('tags', (entry) => readTags(fields, entry)),
    owner: at('owner', (entry) => textAt(fields, entry, 'the name of a person or a team')),
    runbook: at('runbook', (entry) => readRunbook(fields, entry)),
    retry: at('retry', (entry) => readRetryOverride(fields, entry)),
    timeout: at('timeout', (entry) => lengthAt(fields, entry, duration(1))),
    expiresIn: at('expiresIn', (entry) => lengthAt(fields, entry, duration(1))),
    was: at('was', (entry) => readFormerName(subject, entry)),
    lateness: at('lateness', (entry) => readLateness(fields, entry)),
  })
  const span = readSpan({ ...subject, fields: { ...fields, entries } })
  return exclude === 'faulty' || fields.faults.length > before ? undefined : { ...policies, ...span }
}

/** An object without the keys whose value is undefined. */
function said<T extends object>(values: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

function refuseOfTicks(fields: Fields, own: ReadonlyMap<string, Entry>): void {
  for (const key of OF_TICKS) {
    const entry = own.get(key)
    if (entry === undefined) continue
    report(fields, entry.place, key, `expected only beside cron or every: a manual schedule has no ticks; leave it out`)
  }
}

const MISSED = ['skip', 'once', 'all'] as const

function readMissed(fields: Fields, entry: Entry): MissedPolicy | undefined {
  if (entry.value.kind !== 'map') {
    const kind = choiceAt(fields, entry, MISSED, ' or { policy: all, max: 100, within: 6h }')
    return kind === undefined ? undefined : kind === 'all' ? { kind, max: MOST_MISSED } : { kind }
  }
  const inside = mapAt(fields, entry, `a map`) ?? fields
  refuseUnknown(inside, ['policy', 'max', 'within'])
  const [policy, max, within] = ['policy', 'max', 'within'].map((key) => inside.entries.get(key))
  if (policy === undefined) report(inside, entry.value.place, '', `expected policy, got none; write policy: all`)
  const kind = policy === undefined ? undefined : choiceAt(inside, policy, MISSED)
  const most = max === undefined ? MOST_MISSED : wholeAt(inside, max, 1, MOST_CAUGHT_UP)
  const length = within === undefined ? undefined : lengthAt(inside, within, duration(SECOND))
  if (max !== undefined && kind !== undefined && kind !== 'all')
    report(inside, max.place, 'max', `expected only beside policy: all, got it beside ${kind}`)
  if (within !== undefined && kind === 'skip')
    report(inside, within.place, 'within', `expected only beside once and all: skip runs none`)
  const window = length === undefined ? {} : { within: length }
  if (kind === undefined || kind === 'skip') return kind && { kind }
  return kind === 'once' ? { kind, ...window } : { kind, max: most ?? MOST_MISSED, ...window }
}

/** The calendars that are named; 'faulty' when one of them cannot be used, which is said once where the defaults name it. */
function readExclude({ fields, own, calendars }: PolicySubject, entry: Entry): readonly CalendarText[] | 'faulty' {
  if (entry.value.kind === 'list' && entry.value.items.length === 0) return []
  const names = textsAt(fields, entry, `the name of a calendar, or a list of them`)
  if (names === undefined) return 'faulty'
  if (calendars === undefined) return []
  const path = own.has('exclude') ? fields.path : 'defaults'
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  const found = new Map<string, CalendarText>()
  for (const [i, name] of names.entries()) {
    const calendar = calendars.known.get(name)
    if (calendar !== undefined) found.set(name, calendar)
    if (calendar !== undefined) continue
    const { place } = items[i] ?? entry.value
    const message = unknownCalendar(calendars, name)
    const text = `${path}.exclude: ${message}`
    if (!own.has('exclude') && fields.faults.some((fault) => fault.message === text && fault.line === place.line))
      continue
    report({ ...fields, path }, place, 'exclude', message)
  }
  const isWhole = names.every((name) => found.has(name))
  return isWhole ? [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) : 'faulty'
}

function unknownCalendar({ known, faulty, unreadable }: Calendars, name: string): string {
  if (faulty.has(name)) return `expected a calendar that can be used, got ${excerpt(name)}, which is faulty`
  const meant = nearest(name, [...known.keys(), ...faulty])
  const hint = meant === undefined ? `; declare it in calendars/*.yml` : `; did you mean ${meant}?`
  const perhaps = unreadable.length === 0 ? hint : `; it may stand in ${unreadable.join(', ')}, which cannot be used`
  return `expected a calendar that is declared, got ${excerpt(name)}${perhaps}`
}

function readTags(fields: Fields, entry: Entry): readonly string[] | undefined {
  if (entry.value.kind === 'list' && entry.value.items.length === 0) return undefined
  const tags = [...new Set(textsAt(fields, entry, `a tag such as 'billing', or a list of them`) ?? [])]
  if (tags.length > MOST_TAGS)
    report(fields, entry.value.place, entry.key, `expected at most ${MOST_TAGS} tags, got ${tags.length}`)
  for (const tag of tags) attempt(fields, entry.value.place, '', () => keyName(tag, 'tags'))
  return tags
}

/** A page shows it as a link, so it must not be a script, nor lead to another host by two slashes. */
function readRunbook(fields: Fields, entry: Entry): string | undefined {
  const text = textAt(fields, entry, `an http(s) URL, or a path such as docs/runbooks/mail.md`)?.trim()
  if (text === undefined) return undefined
  const isPath = !/^[A-Za-z][A-Za-z\d+.-]*:/.test(text) && !/^[\\/]{2}/.test(text)
  if ((isPath || (/^https?:\/\//i.test(text) && URL.canParse(text))) && !hasControls(text)) return text
  const expected = `expected an http(s) URL such as 'https://wiki.example.com/mail', or a path such as docs/runbooks/mail.md`
  report(fields, entry.value.place, entry.key, `${expected}, got ${excerpt(text)}`)
  return undefined
}

const hasControls = (text: string): boolean => [...text].some((char) => char < ' ' || char === '\u007f')

/** That the former name is not declared any more is seen when all files were read. */
function readFormerName({ name, fields }: PolicySubject, entry: Entry): string | undefined {
  const text = textAt(fields, entry, `the name that the schedule had before`)
  if (text === name) {
    report(fields, entry.value.place, 'was', `expected another name than its own, got ${excerpt(text)}; leave it out`)
    return undefined
  }
  return text === undefined ? undefined : attempt(fields, entry.value.place, '', () => scheduleName(text, 'was'))
}

function readLateness(fields: Fields, entry: Entry): Policies['lateness'] {
  const inside = mapAt(fields, entry, `a budget such as { p99: 2s }`)
  if (inside === undefined) return undefined
  refuseUnknown(inside, ['p99'])
  const budget = inside.entries.get('p99')
  if (budget === undefined) report(inside, entry.value.place, '', `expected p99, got none; write { p99: 2s }`)
  const p99 = budget === undefined ? undefined : lengthAt(inside, budget, duration(1))
  return p99 === undefined ? undefined : { p99 }
}
