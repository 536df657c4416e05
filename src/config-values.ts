import { ConfigError } from './config-error.ts'
import { excerpt, nearest } from './errors.ts'
import type { Duration } from './time/clock.ts'
import { formatDuration, parseDuration } from './time/duration.ts'

/** Reads one raw value (a text from the environment, anything from a file); `what` names it in the ConfigError. */
export type Parse<T> = (raw: unknown, what: string) => T

const refuse = (what: string, expected: string, raw: unknown): ConfigError =>
  new ConfigError([`${what}: expected ${expected}, got ${excerpt(raw)}`])

/** A whole number of a range, both ends included. */
export const integer =
  (least: number, most: number): Parse<number> =>
  (raw, what) => {
    const number = typeof raw === 'string' && /^\s*\d+\s*$/.test(raw) ? Number(raw) : raw
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
    throw refuse(what, `a whole number from ${least} to ${most}`, raw)
  }

/** A duration with a unit, of a range with both ends included. */
export const durationFrom =
  (least: Duration, most: Duration): Parse<Duration> =>
  (raw, what) => {
    const length = parseDuration(raw, what)
    if (length >= least && length <= most) return length
    throw refuse(what, `a duration from ${formatDuration(least)} to ${formatDuration(most)}`, raw)
  }

/** Yes or no, in the ways that people write it in an environment. */
export const flag: Parse<boolean> = (raw, what) => {
  const word = String(raw).trim().toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(word)) return true
  if (['0', 'false', 'no', 'off'].includes(word)) return false
  throw refuse(what, '1 or 0 (true or false, yes or no)', raw)
}

/** One of a few words, in either case. */
export const oneOf =
  <T extends string>(words: readonly T[]): Parse<T> =>
  (raw, what) => {
    const given = String(raw).trim().toLowerCase()
    const word = words.find((candidate) => candidate === given)
    if (word !== undefined) return word
    const meant = nearest(given, words)
    throw new ConfigError([
      `${what}: expected ${words.join(', ')}, got ${excerpt(raw)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    ])
  }

/** A name that may stand in a Redis key. */
export const name: Parse<string> = (raw, what) => {
  if (typeof raw === 'string' && /^[A-Za-z0-9][\w.-]{0,99}$/.test(raw)) return raw
  throw refuse(what, '1 to 100 of the characters A-Z a-z 0-9 _ . - that begin with a letter or a digit', raw)
}

/** Any text without blanks around it. */
export const text: Parse<string> = (raw, what) => {
  if (typeof raw === 'string' && raw.trim() !== '') return raw.trim()
  throw refuse(what, 'a text', raw)
}

/** What a web page asks for before it shows anything. */
export type WebAuth = { readonly user: string; readonly password: string }

/** `user:password`; the password may hold colons and is never shown in the error. */
export const userAndPassword: Parse<WebAuth> = (raw, what) => {
  const [, user, password] = /^([^:]+):(.+)$/s.exec(String(raw)) ?? []
  if (user !== undefined && password !== undefined) return { user, password }
  throw new ConfigError([
    `${what}: expected user:password, got something without ${/^:/.test(String(raw)) ? 'a user' : 'a password'}`,
  ])
}

/** The number of a release: `124`, or `v124` as Heroku writes it. */
export const releaseNumber: Parse<number> = (raw, what) => {
  const [, digits] = /^\s*v?(\d{1,12})\s*$/i.exec(String(raw)) ?? []
  if (digits !== undefined && Number(digits) > 0) return Number(digits)
  throw refuse(what, 'the number of the release, such as 124 or v124', raw)
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1_000, kib: 1_024, mb: 1_000_000, mib: 1_048_576 }

/** A number of bytes, with or without a unit: `262144`, `256KiB`, `1MB`. */
export const bytes =
  (least: number, most: number): Parse<number> =>
  (raw, what) => {
    const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(raw)) ?? []
    const factor = UNITS[unit?.toLowerCase() ?? '?']
    const size = factor === undefined ? Number.NaN : Math.round(Number(amount) * factor)
    if (size >= least && size <= most) return size
    throw refuse(what, `a size from ${least} to ${most} bytes such as 262144, 256KiB or 1MB`, raw)
  }
