import type { PayloadIssue } from './errors.ts'

/** What JSON can hold. `undefined` stands for a property that is left out. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

const DEEPEST = 1_000
const MOST_ISSUES = 20
/** Text that JSON need not escape. Surrogates are left to JSON.stringify: it escapes lone ones, so that they survive UTF-8. */
const UNESCAPED = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

type Step = string | number
type Writing = {
  readonly root: string
  readonly issues: PayloadIssue[]
  readonly path: Step[]
  readonly ancestors: object[]
}

/**
 * Answers `value` as JSON text, or every reason (up to 20) why JSON would change it, with paths that begin with `root`.
 * Each property is read once. Left out are properties that are `undefined`; -0 is written as 0.
 */
export function jsonText(value: unknown, root: string): string | readonly PayloadIssue[] {
  const writing: Writing = { root, issues: [], path: [], ancestors: [] }
  try {
    const text = written(value, writing)
    return writing.issues.length === 0 ? text : writing.issues
  } catch (error) {
    refuse(writing, `reading it throws ${error instanceof Error ? error.message : 'a value that is no Error'}`)
    return writing.issues
  }
}

/** A path in a value as it is written in the language: `payload.items[2].price`. */
export function pathText(root: string, steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number' || typeof step === 'symbol') return `${path}[${String(step)}]`
    return /^[A-Za-z_$][\w$]{0,99}$/.test(step) ? `${path}.${step}` : `${path}[${quoted(step)}]`
  }, root)
}

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 99)}…` : text)

function written(value: unknown, writing: Writing): string {
  switch (typeof value) {
    case 'string':
      return stringText(value)
    case 'number':
      return Number.isFinite(value)
        ? String(value)
        : refuse(writing, `${value} is not JSON: write null or leave it out`)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : container(value, writing)
    case 'bigint':
      return refuse(writing, 'a bigint is not JSON: write it as text, and let the schema make it a bigint again')
    case 'undefined':
      return refuse(writing, 'undefined is not JSON: write null or leave it out')
    case 'function':
    case 'symbol':
      return refuse(writing, `a ${typeof value} is not JSON: leave it out`)
  }
}

const stringText = (text: string): string =>
  text.length < 64 && UNESCAPED.test(text) ? `"${text}"` : JSON.stringify(text)

function container(value: object, writing: Writing): string {
  const { ancestors } = writing
  if (ancestors.includes(value)) return refuse(writing, 'a cycle is not JSON: this is one of the objects that hold it')
  if (ancestors.length >= DEEPEST) return refuse(writing, `nested deeper than ${DEEPEST}`)
  ancestors.push(value)
  const text = Array.isArray(value) ? arrayText(value, writing) : objectText(value, writing)
  ancestors.pop()
  return text
}

function arrayText(array: readonly unknown[], writing: Writing): string {
  if (!Array.isArray(Object.getPrototypeOf(array))) return refuse(writing, instanceOf(array))
  const { path, issues } = writing
  const { length } = array
  let text = '['
  for (let index = 0; index < length && issues.length < MOST_ISSUES; index++) {
    path.push(index)
    const item = array[index]
    const itemText = item === undefined ? refuse(writing, missing(array, index)) : written(item, writing)
    path.pop()
    text += index === 0 ? itemText : `,${itemText}`
  }
  if (issues.length === 0 && Object.keys(array).length > length) refuse(writing, 'an array with named properties')
  refuseSymbols(array, writing)
  return `${text}]`
}

const missing = (array: readonly unknown[], index: number): string =>
  `${index in array ? 'undefined' : 'a hole'} in an array is not JSON: write null or leave it out`

function objectText(object: object, writing: Writing): string {
  if (!isPlain(object)) return refuse(writing, instanceOf(object))
  const { path, issues } = writing
  let text = '{'
  for (const key of Object.keys(object)) {
    if (issues.length >= MOST_ISSUES) break
    path.push(key)
    const item: unknown = object[key]
    if (key === '__proto__') refuse(writing, 'a property of this name is refused: it would change what reads it')
    else if (item !== undefined) text += `${text.length === 1 ? '' : ','}${stringText(key)}:${written(item, writing)}`
    path.pop()
  }
  refuseSymbols(object, writing)
  return `${text}}`
}

/** Also true for objects of another realm (a test runner's, say), whose Object.prototype is another one. */
function isPlain(object: object): object is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === Object.prototype || prototype === null) return true
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  )
}

function refuseSymbols(object: object, writing: Writing): void {
  const symbols = Object.getOwnPropertySymbols(object)
  if (symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(object, symbol))) {
    refuse(writing, 'a property named by a symbol is not JSON: leave it out')
  }
}

function refuse({ root, issues, path }: Writing, message: string): string {
  if (issues.length < MOST_ISSUES) issues.push({ path: pathText(root, path), message })
  return 'null'
}

function instanceOf(value: object): string {
  if (value instanceof Date) {
    return 'a Date is not JSON: write its toISOString(), and let the schema make it a Date again'
  }
  if (value instanceof Map) return 'a Map is not JSON: write Object.fromEntries(map)'
  if (value instanceof Set) return 'a Set is not JSON: write [...set]'
  if (value instanceof URL) return 'a URL is not JSON: write its href'
  if (ArrayBuffer.isView(value)) return 'bytes are not JSON: write them as base64 text'
  const maker: unknown = Reflect.get(value, 'constructor')
  const name = typeof maker === 'function' && maker.name !== '' ? maker.name : 'a class'
  return `an instance of ${name} is not JSON: write a plain object`
}
