import { excerpt } from '../errors.ts'
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
export type SplitCron = { readonly fields: readonly string[]; readonly zone: string | undefined }

/** Takes an expression apart and counts its fields; throws InvalidCronError. */
export function splitCron(text: string): SplitCron {
  if (text.length > LONGEST_TEXT)
    throw new InvalidCronError(`expected at most ${LONGEST_TEXT} characters, got ${text.length}`)
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const last = words.at(-1)
  const zone = words.length > 1 && last !== undefined && looksLikeZone(last) ? last : undefined
  const fields = zone === undefined ? words : words.slice(0, -1)
  if (fields[0]?.startsWith('@')) return { fields: expand(fields), zone }
  if (fields.length === 7) {
    throw new InvalidCronError(
      `expected 5 or 6 fields, got 7: a year has no field here (write starts and ends, or leave it out)`,
    )
  }
  if (fields.length !== 5 && fields.length !== 6)
    throw new InvalidCronError(`expected 5 or 6 fields, got ${fields.length}`)
  return { fields: fields.length === 5 ? ['0', ...fields] : fields, zone }
}

const looksLikeZone = (word: string): boolean =>
  /^[A-Za-z_]+(\/[A-Za-z][\w+-]*)+$/.test(word) || /^(UTC|GMT)$/i.test(word)

function expand(words: readonly string[]): readonly string[] {
  const macro = words[0] ?? ''
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
    throw new InvalidCronError(`expected one of ${Object.keys(MACROS).join(', ')}, got ${excerpt(words.join(' '))}`)
  }
  const fields = meaning.split(' ')
  return fields.length === 5 ? ['0', ...fields] : fields
}
