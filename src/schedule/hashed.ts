import { type FieldName, RANGES } from './cron-field.ts'

/**
 * A stable 32-bit hash of a text: FNV-1a with the final mix of MurmurHash3.
 * It decides when `H` fires, so it never changes; a test holds its values.
 */
export function hash(text: string): number {
  let state = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x01000193)
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}

/** The last day that every month has. */
const LAST_COMMON_DAY = 28

const HASHED = /^H(?:\((\d{1,2})-(\d{1,2})\))?(?:\/(\d{1,3}))?$/

/**
 * A field's text with each `H` replaced by what the seed makes of it, after Jenkins' notation:
 * `H` one value, `H(0-29)` one of a range, `H/15` every 15th from a first one, `H(0-29)/10` both.
 */
export function resolveHashed(field: FieldName, text: string, seed: string): string {
  if (!text.includes('H')) return text
  const draw = hash(`${seed}\n${field}`)
  return text
    .split(',')
    .map((token) => resolveToken(field, token, draw))
    .join(',')
}

function resolveToken(field: FieldName, token: string, draw: number): string {
  const match = HASHED.exec(token)
  if (match === null) return token
  const [least, most] = RANGES[field]
  const highest = field === 'day of month' && match[3] === undefined ? LAST_COMMON_DAY : most
  const [low, high] = [Number(match[1] ?? least), Number(match[2] ?? highest)]
  // What the field cannot hold is left as it is, for the reader of fields to refuse.
  if (low > high || low < least || high > most || Number(match[3]) === 0) return token
  if (match[3] === undefined) return String(low + (draw % (high - low + 1)))
  const step = Number(match[3])
  return `${low + (draw % Math.min(step, high - low + 1))}-${high}/${step}`
}
