import { createHash, randomBytes } from 'node:crypto'
import { excerpt, MorrowError } from '../errors.ts'

/** Names a job for ever; opaque, 24 to 40 characters of lower-case base 32, safe in a database column. */
export type JobId = string & { readonly brand: 'JobId' }

/** Where a job's record lies: the page of its client's 64 calls, and its slot there; `sequence` is the number of the call. */
export type Place = {
  readonly token: string
  readonly client: string
  readonly sequence: number
  readonly page: string
  readonly slot: number
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const TOKEN = 8
const CLIENT = 16
const SLOTS = 64
const SHAPE = /^[0-9a-hjkmnp-tv-z]{24}[0-9a-hjkmnp-tv-z]{1,11}$/

/** The id does not have the shape of an id of ours. */
export class InvalidIdError extends MorrowError {
  override readonly name = 'InvalidIdError'
  constructor(id: unknown) {
    super(
      'MORROW_INVALID_ID',
      `expected a job id as a receipt gives it (25 to 35 letters and digits), got ${excerpt(id)}; a job with an id of your own is named with its type: get(job, id)`,
    )
  }
}

/** Eighty random bits that name a client, an owner or a schedule. */
export const newClient = (): string => base32(randomBytes(10))

/** Forty bits of a queue's name, by which ids tell their queue. */
export const tokenOf = (queue: string): string => base32(createHash('sha256').update(queue).digest().subarray(0, 5))

/** The id of a client's n-th job in a queue. */
export const jobId = (token: string, client: string, sequence: number): JobId =>
  `${token}${client}${number32(sequence)}` as JobId

/** The page and slot of a client's n-th job. */
export const pageOf = (client: string, sequence: number): { readonly page: string; readonly slot: number } => ({
  page: `${client}:${Math.floor(sequence / SLOTS)
    .toString(16)
    .padStart(8, '0')}`,
  slot: sequence % SLOTS,
})

/** The id of the job that lies in a slot of a page. */
export const idAt = (token: string, page: string, slot: number): JobId =>
  jobId(token, page.slice(0, CLIENT), Number.parseInt(page.slice(CLIENT + 1), 16) * SLOTS + slot)

/** Whether a text has the shape of an id of ours. */
export const isJobId = (text: string): text is JobId => SHAPE.test(text)

/** Where the job of an id lies; InvalidIdError when the text is no id of ours. */
export function placeOf(id: unknown): Place {
  if (typeof id !== 'string' || !isJobId(id)) throw new InvalidIdError(id)
  const client = id.slice(TOKEN, TOKEN + CLIENT)
  let sequence = 0
  for (const digit of id.slice(TOKEN + CLIENT)) sequence = sequence * 32 + DIGITS.indexOf(digit)
  return { token: id.slice(0, TOKEN), client, sequence, ...pageOf(client, sequence) }
}

function number32(value: number): string {
  let text = ''
  let rest = value
  do {
    text = DIGITS.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  } while (rest > 0)
  return text
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += DIGITS.charAt((held >> bits) & 31)
    }
    held &= (1 << bits) - 1
  }
  return text
}
