import { CronExpressionParser } from 'cron-parser'
import { excerpt } from '../errors.ts'
import { InvalidCronError } from './invalid-cron.ts'
import { MONTHS, WEEKDAYS } from './words.ts'

/** The fields of a cron expression, in the order in which they are written. */
export const FIELDS = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week'] as const

export type FieldName = (typeof FIELDS)[number]

/** The lowest and the highest value of each field; 7 is Sunday too. */
export const RANGES: Readonly<Record<FieldName, readonly [number, number]>> = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  'day of month': [1, 31],
  month: [1, 12],
  'day of week': [0, 6],
}

/** What one item of a field's list stands for. */
export type Term =
  /** Plain values; for weekdays 0 is Sunday. */
  | { readonly kind: 'values'; readonly values: readonly number[] }
  /** The last day of the month (`L`), or so many days before it (`L-3`). */
  | { readonly kind: 'last'; readonly before: number }
  /** The working day nearest to a day, within its month (`15W`). */
  | { readonly kind: 'nearest'; readonly day: number }
  /** The last working day of the month (`LW`). */
  | { readonly kind: 'last-working' }
  /** The n-th such weekday of the month (`1#2`). */
  | { readonly kind: 'nth'; readonly weekday: number; readonly nth: number }
  /** The last such weekday of the month (`5L`). */
  | { readonly kind: 'last-weekday'; readonly weekday: number }

const NAMED: Partial<Record<FieldName, string>> = {
  month: ' or JAN-DEC',
  'day of week': ' (0 and 7 are Sunday) or SUN-SAT',
}

const KEPT_TERMS = 5_000
const kept = new Map<string, Term>()

/** What the text of a field stands for; a value said twice counts once. Throws InvalidCronError. */
export function readField(field: FieldName, text: string): readonly Term[] {
  return text.split(',').map((token) => {
    const key = `${field} ${token}`
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= KEPT_TERMS) kept.clear()
    const term = readToken(field, token)
    kept.set(key, term)
    return term
  })
}

function readToken(field: FieldName, token: string): Term {
  refuse(field, token)
  return dayOfMonth(field, token) ?? dayOfWeek(field, token) ?? wrapped(field, token) ?? plain(field, token)
}

/** Says the reason for what has no single meaning, before the parser says only that it is wrong. */
function refuse(field: FieldName, token: string): void {
  const fault = (why: string): never => {
    throw new InvalidCronError(`${field} field: ${why}`)
  }
  if (token === '') fault(`expected a value between the commas, got none`)
  if (token.includes('?') && !field.startsWith('day'))
    fault(`? stands in the day fields only, got ${excerpt(token)}; write *`)
  if (/H/.test(token.replace(/THU/gi, ''))) fault(`expected H, H/15, H(0-29) or H(0-29)/10, got ${excerpt(token)}`)
  if (field === 'hour' && /^24(\D|$)|-24(\D|$)/.test(token))
    fault(
      `expected 0-23, got ${excerpt(token)}; midnight is 0 of the day that begins (24 beside restricted days has two meanings)`,
    )
  if (field === 'day of week' && /^L$/i.test(token))
    fault(`L alone names no weekday; write 5L for the last Friday of the month`)
  if (field === 'day of week' && token.includes('%'))
    fault(`weeks modulo (${excerpt(token)}) have no meaning of their own; write several schedules`)
  if (/W/i.test(token) && field !== 'day of month' && !/WED/i.test(token))
    fault(`W stands in the day of month only, got ${excerpt(token)}`)
}

function dayOfMonth(field: FieldName, token: string): Term | undefined {
  if (field !== 'day of month') return undefined
  if (/^LW$/i.test(token)) return { kind: 'last-working' }
  const back = /^(?:L(?:-(\d{1,2}))?|-(\d{1,2}))$/i.exec(token)
  if (back !== null) {
    const before = back[2] === undefined ? Number(back[1] ?? 0) : Number(back[2]) - 1
    if (before < 0 || before > 30)
      throw new InvalidCronError(`${field} field: expected L-1 to L-30, got ${excerpt(token)}`)
    return { kind: 'last', before }
  }
  const near = /^(\d{1,2})W$/i.exec(token)
  return near === null ? undefined : { kind: 'nearest', day: single(field, near[1] ?? '') }
}

function dayOfWeek(field: FieldName, token: string): Term | undefined {
  if (field !== 'day of week') return undefined
  const last = /^(\d|[A-Z]{3})(?:L|#L|#-1)$/i.exec(token)
  if (last !== null) return { kind: 'last-weekday', weekday: single(field, last[1] ?? '') }
  const nth = /^(\w+)#(\w+)$/.exec(token)
  if (nth === null) return undefined
  const weekday = single(field, nth[1] ?? '')
  if (!/^[1-5]$/.test(nth[2] ?? ''))
    throw new InvalidCronError(`${field} field: expected #1 to #5 or #L, got ${excerpt(token)}`)
  return { kind: 'nth', weekday, nth: Number(nth[2]) }
}

/** A range that passes the end of its field goes on at its beginning: FRI-MON, 22-2. */
function wrapped(field: FieldName, token: string): Term | undefined {
  const match = /^([A-Za-z]{3}|\d{1,2})-([A-Za-z]{3}|\d{1,2})(?:\/(\d{1,3}))?$/.exec(token)
  if (match === null) return undefined
  const [from, to, step] = [single(field, match[1] ?? ''), single(field, match[2] ?? ''), Number(match[3] ?? 1)]
  const [least, most] = RANGES[field]
  if (step === 0 || (from <= to && match[1] !== '7') || (from === 0 && match[2] === '7')) return undefined
  const size = most - least + 1
  const length = (to - from + size) % size
  const values = Array.from(
    { length: Math.floor(length / step) + 1 },
    (_, index) => ((from - least + index * step) % size) + least,
  )
  return { kind: 'values', values }
}

function single(field: FieldName, token: string): number {
  const term = plain(field, token)
  const [value] = term.values
  if (value === undefined || term.values.length > 1) {
    throw new InvalidCronError(`${field} field: expected one value, got ${excerpt(token)}`)
  }
  return value
}

/** cron-parser is the authority on what a plain item means. */
function plain(field: FieldName, token: string): Extract<Term, { kind: 'values' }> {
  const text = FIELDS.map((name) => (name === field ? token : '*')).join(' ')
  try {
    const { fields } = CronExpressionParser.parse(text, { tz: 'UTC', currentDate: 0 })
    const parsed = [fields.second, fields.minute, fields.hour, fields.dayOfMonth, fields.month, fields.dayOfWeek]
    const values = (parsed[FIELDS.indexOf(field)]?.values ?? []).map((value) =>
      field === 'day of week' ? Number(value) % 7 : Number(value),
    )
    if (values.some((value) => !Number.isInteger(value))) throw new Error('expected numbers, names, ranges and steps')
    return { kind: 'values', values: [...new Set(values)] }
  } catch (cause) {
    const reason = cause instanceof Error && !cause.message.includes('NaN') ? ` (${cause.message})` : ''
    const expected = `${RANGES[field].join('-')}${NAMED[field] ?? ''}`
    throw new InvalidCronError(
      `${field} field: expected ${expected}, got ${excerpt(token)}${shortName(field, token) ?? reason}`,
      {
        cause,
      },
    )
  }
}

/** What to write in place of a whole name: '; write MON'. */
function shortName(field: FieldName, token: string): string | undefined {
  const names: readonly string[] = field === 'month' ? MONTHS : field === 'day of week' ? WEEKDAYS : []
  const meant = names.find((name) => name.length > 3 && name.toLowerCase() === token.toLowerCase())
  return meant === undefined ? undefined : `; write ${meant.slice(0, 3).toUpperCase()}`
}
