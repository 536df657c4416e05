import type { Term } from './cron-field.ts'
import { listed, MONTHS, numbers, ordinal, progression, runs, WEEKDAYS } from './words.ts'

/** What the three fields of days say; `combine` as in DayRule. */
export type DayFields = {
  readonly days: readonly Term[]
  readonly months: readonly number[]
  readonly weekdays: readonly Term[]
  readonly combine: 'either' | 'both'
}

/** The days in words, '' for every day: 'on weekdays', 'on the 1st and 15th of every month', 'in January'. */
export function daysPhrase(fields: DayFields): string {
  const { months, combine } = fields
  const days = isFull(fields.days, 31) ? undefined : nounsOfDays(fields.days)
  const weekdays = isFull(fields.weekdays, 7) ? undefined : weekdaysOf(fields.weekdays)
  const always = combine === 'either' && (days === undefined || weekdays === undefined)
  if (always || (days === undefined && weekdays === undefined)) return inMonths(months)
  if (days === undefined) return weekdays === undefined ? '' : onWeekdays(weekdays, months)
  const having = mayLack(fields.days)
  if (weekdays === undefined) return dateText(fields.days, months) ?? `on ${listed(days)} ${ofMonths(months, having)}`
  if (combine === 'either') return `on ${listed(days)} ${ofMonths(months, having)} and ${onWeekdays(weekdays, months)}`
  const falls = `${listed(days, 'or')} ${months.length === 12 ? 'of the month' : ofMonths(months)}`
  if (weekdays.special.length === 0) return `on those ${weekdays.plain} that fall on ${falls}`
  return `on those days that are ${listed([...orEmpty(weekdays.plain), ...weekdays.special], 'or')} and also ${falls}`
}

const orEmpty = (text: string): readonly string[] => (text === '' ? [] : [text])

const plainOf = (terms: readonly Term[]): readonly number[] =>
  [...new Set(terms.flatMap((term) => (term.kind === 'values' ? term.values : [])))].sort((a, b) => a - b)

const isFull = (terms: readonly Term[], size: number): boolean => plainOf(terms).length === size

/** What a day of month field stands for, as nouns: 'the 1st', 'the last day', 'odd days'. */
export function nounsOfDays(terms: readonly Term[]): readonly string[] {
  const plain = plainOf(terms)
  const special = terms.flatMap((term) => orEmpty(specialDay(term)))
  return [...plainDays(plain), ...new Set(special)]
}

function plainDays(plain: readonly number[]): readonly string[] {
  const even = progression(plain)
  if (even?.step === 2 && even.first === 1 && even.last === 31) return ['odd days']
  if (even?.step === 2 && even.first === 2 && even.last === 30) return ['even days']
  const items = runs(plain, ordinal)
  if (items.includes('…')) return [`the ${items.join(', ')}`]
  return items.map((item) => `the ${item}`)
}

function specialDay(term: Term): string {
  switch (term.kind) {
    case 'last':
      if (term.before === 0) return 'the last day'
      return term.before === 1 ? 'the day before the last' : `the ${ordinal(term.before)} day before the last`
    case 'last-working':
      return 'the last working day'
    case 'nearest':
      return `the working day nearest the ${ordinal(term.day)}`
    case 'values':
    case 'nth':
    case 'last-weekday':
      return ''
  }
}

type Weekdays = { readonly plain: string; readonly special: readonly string[] }

/** 'weekdays', 'Mondays and Thursdays', and such as 'the second Monday', which need a month. */
function weekdaysOf(terms: readonly Term[]): Weekdays {
  const special = terms.flatMap((term) => orEmpty(specialWeekday(term)))
  return { plain: plainWeekdays(plainOf(terms)), special: [...new Set(special)] }
}

/** What a day of week field stands for, as nouns. */
export function nounsOfWeekdays(terms: readonly Term[]): readonly string[] {
  const { plain, special } = weekdaysOf(terms)
  return [...orEmpty(plain), ...special]
}

const nameOf = (weekday: number): string => WEEKDAYS[weekday % 7] ?? ''

function plainWeekdays(plain: readonly number[]): string {
  // The week begins on Monday here, so that Saturdays and Sundays stand together.
  const days = plain.map((day) => (day === 0 ? 7 : day)).sort((a, b) => a - b)
  const said = days.join('')
  if (said === '12345') return 'weekdays'
  if (said === '67') return 'weekends'
  const even = progression(days)
  if (even?.step === 1 && days.length > 3) return `${nameOf(even.first)}s to ${nameOf(even.last)}s`
  return listed(days.map((day) => `${nameOf(day)}s`))
}

const NTH = ['first', 'second', 'third', 'fourth', 'fifth'] as const

function specialWeekday(term: Term): string {
  switch (term.kind) {
    case 'nth':
      return `the ${NTH[term.nth - 1] ?? ordinal(term.nth)} ${nameOf(term.weekday)}`
    case 'last-weekday':
      return `the last ${nameOf(term.weekday)}`
    case 'values':
    case 'last':
    case 'last-working':
    case 'nearest':
      return ''
  }
}

function onWeekdays({ plain, special }: Weekdays, months: readonly number[]): string {
  const within = inMonths(months)
  const inThem = within === '' ? '' : ` ${within}`
  const parts = [
    ...(plain === '' ? [] : [`on ${plain}${inThem}`]),
    ...(special.length === 0 ? [] : [`on ${listed(special)} ${ofMonths(months, fifthOf(special))}`]),
  ]
  return parts.join(' and ')
}

/** '1 January' for one day of one month; undefined where there are more. */
function dateText(terms: readonly Term[], months: readonly number[]): string | undefined {
  const [day] = plainOf(terms)
  const [month] = months
  if (terms.some((term) => term.kind !== 'values') || plainOf(terms).length !== 1 || months.length !== 1)
    return undefined
  if (day === undefined || month === undefined) return undefined
  return `on ${day} ${monthName(month)}${day === 29 && month === 2 ? ' (leap years only)' : ''}`
}

/** Not every month has these days, which has to be said of each month. */
function mayLack(terms: readonly Term[]): string {
  const days = plainOf(terms)
  if (days.length === 0 || days.some((day) => day < 29) || terms.some((term) => term.kind !== 'values')) return ''
  return days.length === 1 ? ' that has it' : ' that has them'
}

const fifthOf = (special: readonly string[]): string =>
  special.every((noun) => noun.startsWith('the fifth')) ? ' that has it' : ''

const monthName = (month: number): string => MONTHS[month - 1] ?? ''

const monthList = (months: readonly number[]): string => numbers(months, monthName)

const isSpan = (months: readonly number[]): boolean => months.length >= 3 && progression(months)?.step === 1

function inMonths(months: readonly number[]): string {
  if (months.length === 12) return ''
  return isSpan(months) ? `from ${monthList(months)}` : `in ${monthList(months)}`
}

function ofMonths(months: readonly number[], having = ''): string {
  if (months.length === 12) return `of every month${having}`
  if (isSpan(months)) return `of each month from ${monthList(months)}${having}`
  return `of ${monthList(months)}`
}
