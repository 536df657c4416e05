import { type Duration, duration, type Instant, instant } from '../time/clock.ts'

/** What became of planned ticks, and what else a ledger tells: the letter that stands for it in Redis. */
const FATES = {
  f: 'fired',
  l: 'late',
  c: 'coalesced',
  o: 'overlap',
  p: 'paused',
  d: 'deadline',
  x: 'excluded',
  m: 'missed',
  k: 'called-off',
  b: 'backfilled',
  s: 'superseded',
  r: 'by-hand',
  a: 'applied',
  w: 'withdrawn',
  e: 'limit',
} as const

export type LedgerFate = (typeof FATES)[keyof typeof FATES]

/**
 * Neighbouring ticks of one fate, or one alone. `applied`, `withdrawn` and `limit` are no ticks: they say from which instant
 * a definition is in force, is so no more, or plans nothing more.
 */
export type LedgerEntry = {
  readonly fate: LedgerFate
  readonly first: Instant
  readonly last: Instant
  readonly count: number
  /** When it was decided on; null once it is part of a run of several. */
  readonly at: Instant | null
  /** How long after it was due; of several, the worst. */
  readonly lateness: Duration
  /** The number of its job among those of the schedule, of several the first; of an overlap, the job that was in the way. */
  readonly job: number | null
  /** The planned instant of the run that stands for it. */
  readonly into: Instant | null
  /** The number of what was in force: definition, generation, time-zone data, queue. */
  readonly context: number
  /** The number of the process that decided; null once it is part of a run of several. */
  readonly decidedBy: number | null
}

/** The bytes of one entry in Redis. */
export const ENTRY_BYTES = 29

const WITH_JOB: readonly LedgerFate[] = ['fired', 'late', 'overlap', 'backfilled', 'by-hand']

const letters = new Map<LedgerFate, string>(Object.entries(FATES).map(([letter, fate]) => [fate, letter]))

/** The letter of a fate, as the scripts write it. */
export const letterOf = (fate: LedgerFate): string => letters.get(fate) ?? '?'

/** Reads an entry as the scripts write it; null for one of a newer release. */
export function decodeEntry(bytes: Buffer): LedgerEntry | null {
  const fate = (FATES as Readonly<Record<string, LedgerFate>>)[String.fromCharCode(bytes[0] ?? 0)]
  if (bytes.length < ENTRY_BYTES || fate === undefined) return null
  const [context, by] = [bytes.readUInt16BE(1), bytes.readUInt16BE(3)]
  const [first, second] = [instant(bytes.readUIntBE(5, 6)), instant(bytes.readUIntBE(11, 6))]
  const [lateness, job, count] = [bytes.readUInt32BE(17), bytes.readUInt32BE(21), bytes.readUInt32BE(25)]
  const alone = count <= 1
  return {
    fate,
    first,
    last: alone ? first : second,
    count,
    at: alone ? second : null,
    lateness: duration(fate === 'coalesced' ? 0 : lateness),
    job: WITH_JOB.includes(fate) ? job : null,
    into: fate === 'coalesced' ? instant(lateness * 2 ** 32 + job) : null,
    context,
    decidedBy: by === 0 ? null : by,
  }
}
