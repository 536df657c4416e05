import { excerpt, nearest } from '../errors.ts'
import type { Duration } from '../time/clock.ts'
import { parseDuration } from '../time/duration.ts'
import { isZoneName } from '../time/zone.ts'
import { InvalidCronError } from './invalid-cron.ts'

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
  '@secondly': '* * * * * *',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
}

const LONGEST_TEXT = 1_000

/** A cron expression taken apart: always six fields, seconds first, and the zone at its end if it has one. */
export type SplitCron = {
  readonly fields: readonly string[]
  readonly zone: string | undefined
  /** Fugit's `&` after a day field: both day fields must match, also where both are restricted. */
  readonly bothDays: boolean
}

/** Takes an expression apart and counts its fields; throws InvalidCronError. */
export function splitCron(text: string): SplitCron {
  const { words, zone } = splitZone(text)
  if (words[0]?.startsWith('@')) return { fields: expand(words), zone, bothDays: false }
  if (words.length === 7) {
    throw new InvalidCronError(
      `expected 5 or 6 fields, got 7: a year has no field here (write starts and ends, or leave it out)`,
    )
  }
  if (words.length !== 5 && words.length !== 6)
    throw new InvalidCronError(`expected 5 or 6 fields, got ${words.length}`)
  const fields = words.length === 5 ? ['0', ...words] : words
  if (!/24|&/.test(text)) return { fields, zone, bothDays: false }
  const plain = fields.map((field, i) => (i === 3 || i === 5 ? field.replace(/&$/, '') : field))
  return { fields: withMidnight(plain), zone, bothDays: plain.some((field, i) => field !== fields[i]) }
}

/** The words of an expression, and the zone at its end; throws InvalidCronError for a text that is too long. */
function splitZone(text: string): { readonly words: readonly string[]; readonly zone: string | undefined } {
  if (text.length > LONGEST_TEXT)
    throw new InvalidCronError(`expected at most ${LONGEST_TEXT} characters, got ${text.length}`)
  const trimmed = text.trim()
  const words = trimmed === '' ? [] : trimmed.split(/\s+/)
  const last = words.at(-1)
  const zone = words.length > 1 && last !== undefined && looksLikeZone(last) ? last : undefined
  return { words: zone === undefined ? words : words.slice(0, -1), zone }
}

/** A word that no day of the week begins: what is no zone among these is better refused as a zone than as a field. */
function looksLikeZone(word: string): boolean {
  if (!/^[A-Za-z]{2}/.test(word) || /^(SUN|MON|TUE|WED|THU|FRI|SAT|LW)/i.test(word)) return false
  return /^[A-Za-z]{4}|\//.test(word) ? /^[A-Za-z][\w+/-]+$/.test(word) : isZoneName(word)
}

/**
 * Hour 24, as Fugit reads it, is midnight. On each day of the year it has one meaning whichever day it ends or begins;
 * beside restricted days it has two, and is left for the reader of the field to refuse.
 */
function withMidnight(fields: readonly string[]): readonly string[] {
  const [, , hours = '', ...days] = fields
  if (!/\b24\b/.test(hours) || days.some((field) => field !== '*' && field !== '?')) return fields
  const translated = hours.split(',').map(midnightIn).join(',')
  return fields.map((field, i) => (i === 2 ? translated : field))
}

/** '24' is '0', '22-24' is '22-0', which passes midnight, and '0-24' is all hours. */
export function midnightIn(token: string): string {
  const [range = '', step] = token.split('/')
  const ends = range.split('-')
  if (step !== undefined && ends.length === 1) return token
  const ours = range === '0-24' ? '0-23' : ends.map((end) => (end === '24' ? '0' : end)).join('-')
  return step === undefined ? ours : `${ours}/${step}`
}

/**
 * The interval of `@every 15m`, the notation of Go's cron; undefined for all other expressions.
 * Throws InvalidCronError where it stands beside others or a zone, InvalidTimeError for what is no duration.
 */
export function everyInCron(texts: readonly string[]): Duration | undefined {
  const every = texts.find((text) => /^\s*@every\b/i.test(text))
  if (every === undefined) return undefined
  if (texts.length > 1)
    throw new InvalidCronError(
      `expected @every alone, got it in a list of ${texts.length}; make it a schedule of its own`,
    )
  const length = every.trim().replace(/^@every\s*/i, '')
  const zone = /\s+[A-Za-z_]+\/\S+$/.exec(length)?.[0] ?? ''
  if (zone !== '') {
    throw new InvalidCronError(
      `@every is elapsed time, the same in each zone, got ${excerpt(every.trim())}; leave out${zone}`,
    )
  }
  return parseDuration(length, '@every')
}

function expand(words: readonly string[]): readonly string[] {
  const macro = (words[0] ?? '').toLowerCase()
  if (macro === '@reboot')
    throw new InvalidCronError(
      `@reboot has no meaning here: a schedule has no start of its own; enqueue the job where your program starts`,
    )
  if (macro === '@every')
    throw new InvalidCronError(
      `expected a cron expression, got ${excerpt(words.join(' '))}; write every: ${words[1] ?? '15m'}`,
    )
  const meaning = MACROS[macro]
  if (meaning === undefined || words.length > 1) {
    const meant = nearest(macro, [...Object.keys(MACROS), '@every'])
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    throw new InvalidCronError(
      `expected one of ${Object.keys(MACROS).join(', ')}, @every 15m, got ${excerpt(words.join(' '))}${hint}`,
    )
  }
  const fields = meaning.split(' ')
  return fields.length === 5 ? ['0', ...fields] : fields
}
