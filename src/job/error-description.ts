import { excerpt } from '../errors.ts'

/** An error as it is stored: plain text, bounded. Whatever a handler threw may stand here: it is never trusted as HTML. */
export type ErrorDescription = { readonly name: string; readonly message: string; readonly stack?: string }

const LONGEST_NAME = 100
const LONGEST_MESSAGE = 1_000
const LONGEST_STACK = 4_000
const DEEPEST_CAUSE = 3

/**
 * Describes whatever was thrown: name (at most 100 characters), message (1,000) and, for an Error, its stack with up to
 * three causes (4,000). Never throws, also for null, for a Proxy and for an Error whose own properties throw.
 */
export function describeError(error: unknown): ErrorDescription {
  const name = textOf(error, 'name')
  const message = textOf(error, 'message')
  if (!isError(error) && message === undefined) {
    return { name: 'NonError', message: bounded(thrown(error), LONGEST_MESSAGE) }
  }
  const stack = textOf(error, 'stack')
  return {
    name: bounded(name === undefined || name === '' ? 'Error' : name, LONGEST_NAME),
    message: bounded(message ?? '', LONGEST_MESSAGE),
    ...(stack === undefined ? {} : { stack: bounded(`${stack}${causes(error)}`, LONGEST_STACK) }),
  }
}

function causes(error: unknown): string {
  let text = ''
  let cause = attempt(() => propertyOf(error, 'cause'))
  for (let depth = 0; depth < DEEPEST_CAUSE && cause !== undefined; depth++) {
    const message = textOf(cause, 'message') ?? thrown(cause)
    text += `\ncaused by ${textOf(cause, 'name') ?? 'a value'}: ${bounded(message, LONGEST_MESSAGE)}`
    const inner = cause
    cause = attempt(() => propertyOf(inner, 'cause'))
  }
  return text
}

const isError = (value: unknown): boolean => attempt(() => value instanceof Error) ?? false

const thrown = (value: unknown): string =>
  typeof value === 'string' ? value : (attempt(() => `${excerpt(value)} was thrown`) ?? 'a value that cannot be read')

function textOf(value: unknown, key: string): string | undefined {
  const text = attempt(() => propertyOf(value, key))
  return typeof text === 'string' ? text : undefined
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Cuts between characters, so that no half of a pair is left at the end. */
function bounded(text: string, most: number): string {
  if (text.length <= most) return text
  const cut = text.slice(0, most - 1)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
