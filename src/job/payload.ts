import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { JobContract } from './contract.ts'
import { InvalidPayloadError, type PayloadIssue, PayloadTooLargeError } from './errors.ts'
import { jsonText, pathText } from './json.ts'

/** The most bytes that the JSON text of a payload may have, unless configured: 256 KiB. */
export const PAYLOAD_LIMIT_BYTES = 256 * 1024

type Text = string | Promise<string>
type What = 'payload' | 'result'

/**
 * Answers the text to store for a payload: the payload as given, once it is JSON and has passed the job's schema; the
 * empty text for no payload. Synchronous unless the schema is not. Throws (or rejects with) InvalidPayloadError with
 * every issue, or PayloadTooLargeError; what the schema itself throws passes through.
 */
export const writePayload = (job: JobContract, payload: unknown, limitBytes = PAYLOAD_LIMIT_BYTES): Text =>
  write(job.name, 'payload', job.payload, payload, limitBytes)

/** Answers the text to store for what a handler returned, by the rules of writePayload; nothing if no result is declared. */
export const writeResult = (job: JobContract, result: unknown, limitBytes = PAYLOAD_LIMIT_BYTES): Text =>
  job.result === undefined ? '' : write(job.name, 'result', job.result, result, limitBytes)

/**
 * Answers what the handler gets for a stored text: the output of the job's schema. Throws (or rejects with)
 * InvalidPayloadError when the text is not JSON or no longer passes; what the schema itself throws passes through.
 */
export function readPayload(job: JobContract, text: string): unknown {
  if (job.payload === undefined) return undefined
  const subject = `the stored payload of ${job.name} does not pass its schema of today`
  return validated(job.payload, parsed(job.name, text), (issues) => new InvalidPayloadError(job.name, subject, issues))
}

function write(
  job: string,
  what: What,
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  limitBytes: number,
): Text {
  if (schema === undefined) {
    if (value === undefined) return ''
    const message = 'nothing was expected: the job declares no payload (give defineJob a schema as payload)'
    throw new InvalidPayloadError(job, `the payload of ${job} is refused`, [{ path: what, message }])
  }
  const text = value === undefined ? '' : stored(job, what, value, limitBytes)
  const subject = `the ${what} of ${job} does not pass its schema`
  const passed = validated(schema, value, (issues) => new InvalidPayloadError(job, subject, issues), what)
  return passed instanceof Promise ? passed.then(() => text) : text
}

function stored(job: string, what: What, value: unknown, limitBytes: number): string {
  const text = jsonText(value, what)
  if (typeof text !== 'string') throw new InvalidPayloadError(job, `the ${what} of ${job} is not JSON`, text)
  // A character has at most three bytes in UTF-8, so that short texts need not be measured.
  if (text.length * 3 <= limitBytes) return text
  const bytes = Buffer.byteLength(text)
  if (bytes > limitBytes) throw new PayloadTooLargeError(job, what, bytes, limitBytes)
  return text
}

function parsed(job: string, text: string): unknown {
  if (text === '') return undefined
  const subject = `the stored payload of ${job} cannot be read`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidPayloadError(job, subject, [{ path: 'payload', message }], { cause })
  }
  // Others may write to Redis too: `__proto__`, also spelt with escapes, is looked for where it can stand.
  if (text.includes('__proto__') || text.includes('\\u00')) {
    const issues = jsonText(value, 'payload')
    if (typeof issues !== 'string') throw new InvalidPayloadError(job, subject, issues)
  }
  return value
}

function validated(
  schema: StandardSchemaV1,
  value: unknown,
  refusal: (issues: readonly PayloadIssue[]) => InvalidPayloadError,
  root: What = 'payload',
): unknown {
  const settle = (result: StandardSchemaV1.Result<unknown>): unknown => {
    if (result.issues === undefined) return result.value
    // Makers may hand out subclasses of Array, whose own `map` would build another of them.
    const issues = Array.from(result.issues, (issue) => ({ path: issuePath(root, issue), message: issue.message }))
    throw refusal(issues)
  }
  const result = schema['~standard'].validate(value)
  return 'then' in result ? Promise.resolve(result).then(settle) : settle(result)
}

function issuePath(root: What, issue: StandardSchemaV1.Issue): string {
  const steps = Array.from(issue.path ?? [], (step) => (typeof step === 'object' ? step.key : step))
  return pathText(root, steps)
}
