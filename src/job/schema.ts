import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { PayloadIssue } from './errors.ts'
import { pathText } from './json.ts'

/** Kinds of schemas, as zod and valibot name them, whose input cannot come out of JSON text. */
const NOT_JSON: ReadonlySet<string> = new Set(
  'date bigint map set symbol function nan promise file blob instance'.split(' '),
)
/** Whatever stands behind these takes what a function made, not what came in. */
const MADE_BY_FUNCTION: ReadonlySet<string> = new Set(['transform', 'custom', 'any', 'unknown'])
/** Where a definition of zod 3, zod 4 or valibot keeps the schemas that see its own input, or a part of it. */
const SAME = ['innerType', 'in', 'left', 'right', 'wrapped', 'schema', 'options', 'getter'] as const
const PART = ['element', 'item', 'items', 'rest', 'valueType', 'value', 'catchall'] as const
const NAMED = ['shape', 'entries'] as const
const MOST_NODES = 2_000

type Fields = Readonly<Record<string, unknown>>
type Look = { readonly issues: PayloadIssue[]; readonly seen: Set<unknown> }

/**
 * Names the places of a schema whose input is not JSON (a Date, a bigint, a Map …), for zod and valibot.
 * The types refuse such a schema already; this is for callers without types. It calls no validation,
 * sees nothing in the schemas of other makers, and stops after 2,000 parts.
 */
export function notJsonInputs(schema: StandardSchemaV1, root: string): readonly PayloadIssue[] {
  const look: Look = { issues: [], seen: new Set() }
  const { vendor } = schema['~standard']
  if (vendor === 'zod' || vendor === 'valibot') visit(schema, root, look)
  return look.issues
}

function visit(schema: unknown, at: string, look: Look): void {
  if (!isFields(schema) || look.seen.has(schema) || look.seen.size >= MOST_NODES) return
  look.seen.add(schema)
  const definition = definitionOf(schema)
  const kind = kindOf(schema, definition)
  if (NOT_JSON.has(kind)) look.issues.push({ path: at, message: advice(kind) })
  else if (!MADE_BY_FUNCTION.has(kind)) descend(definition, at, look)
}

function descend(definition: Fields, at: string, look: Look): void {
  for (const field of SAME) for (const schema of schemasIn(definition[field])) visit(schema, at, look)
  for (const field of PART) for (const schema of schemasIn(definition[field])) visit(schema, `${at}[]`, look)
  // Zod 3 calls the element of an array, and what a brand stands on, its type; for the others that is a word.
  visit(definition['type'], definition['typeName'] === 'ZodArray' ? `${at}[]` : at, look)
  for (const field of NAMED) {
    const entries = called(definition[field])
    if (!isFields(entries)) continue
    for (const [key, schema] of Object.entries(entries)) visit(schema, pathText(at, [key]), look)
  }
}

function definitionOf(schema: Fields): Fields {
  const { _zod: zod4, _def: zod3 } = schema
  if (isFields(zod4) && isFields(zod4['def'])) return zod4['def']
  return isFields(zod3) ? zod3 : schema
}

function kindOf(schema: Fields, definition: Fields): string {
  const { typeName, type, effect, literal, values } = definition
  if (isFields(effect) && effect['type'] === 'preprocess') return 'transform'
  const literals: readonly unknown[] = Array.isArray(values) ? values : [literal]
  if (literals.some((value) => typeof value === 'bigint')) return 'bigint'
  const { _zod: zod4 } = schema
  if (isFields(zod4) && isFields(zod4['bag']) && 'Class' in zod4['bag']) return 'instance'
  if (typeof typeName === 'string') return typeName.replace(/^Zod/, '').toLowerCase()
  return typeof type === 'string' ? type : ''
}

function schemasIn(value: unknown): readonly unknown[] {
  const answer = called(value)
  return Array.isArray(answer) ? answer : [answer]
}

/** A shape or a lazy schema may be a function; one that fails is the maker's affair at validation. */
function called(value: unknown): unknown {
  if (typeof value !== 'function') return value
  try {
    return value()
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function advice(kind: string): string {
  const what = kind === 'instance' ? 'an instance of a class' : `a ${kind}`
  const way = kind === 'date' ? 'z.iso.datetime().transform((text) => new Date(text))' : 'the text or the plain values'
  return `the schema takes ${what}, which is not JSON: take ${way}`
}
