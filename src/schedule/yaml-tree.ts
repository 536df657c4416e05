import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type YAMLMap } from 'yaml'
import { excerpt } from '../errors.ts'
import type { Json } from '../job/json.ts'
import type { Fault, Place } from './fault.ts'
import { readDocument } from './yaml-document.ts'

/** What stands in a file, each part with its place. */
export type Tree =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: readonly Entry[] }
  | { readonly kind: 'list'; readonly place: Place; readonly items: readonly Tree[] }
  | { readonly kind: 'scalar'; readonly place: Place; readonly value: string | number | boolean | null }

export type Entry = { readonly key: string; readonly place: Place; readonly value: Tree }

/** The tree of a file, null when nothing of it can be trusted; faults stand in both cases. */
export type ParsedYaml = {
  readonly tree: Tree | null
  /** What can be seen of a file that cannot be trusted, so that its other faults are told too; null where that is nothing. */
  readonly draft: Tree | null
  readonly faults: readonly Fault[]
}

/** The key under which YAML 1.1 merged another map. */
export const MERGE = '<<'

const DEEPEST = 64

type Reading = { readonly file: string; readonly lines: LineCounter; readonly faults: Fault[] }

/** Reads YAML 1.2 without aliases, merge keys and tags: a file says what it means where it says it. `key` is what a file must not lack. */
export function parseYaml(file: string, text: string, key = 'schedules'): ParsedYaml {
  const lines = new LineCounter()
  const reading: Reading = { file, lines, faults: [] }
  const read = readDocument(text, lines, DEEPEST)
  if (read.kind !== 'document') {
    fault(reading, read.offset, read.kind === 'too-deep' ? TOO_DEEP : SEVERAL)
    return { ...NOTHING, faults: reading.faults }
  }
  const { document } = read
  if (document.errors.length > 0) return { ...NOTHING, faults: syntaxFaults(document, text, reading) }
  if (document.contents === null) return { ...NOTHING, faults: [{ file, line: 1, column: 1, message: empty(key) }] }
  for (const { message, pos } of document.warnings) {
    const what = text[pos[0]] === '!' ? 'tag' : 'directive'
    fault(reading, pos[0], `expected plain YAML, got ${message}; leave the ${what} out`)
  }
  const draft = convert(document.contents, reading, 0)
  return { tree: reading.faults.length === 0 ? draft : null, draft, faults: reading.faults }
}

const NOTHING = { tree: null, draft: null } as const

const TOO_DEEP = `expected at most ${DEEPEST} levels, got more`
const SEVERAL = `expected one document, got a second; write one document a file`
const empty = (key: string): string =>
  `expected the key ${key}, got an empty file; write ${key}: {} if it is meant to hold none`
const QUOTE = `quote the expression, because * begins an alias in YAML`

/** One fault a line, the first: what follows on it is mostly its consequence. */
function syntaxFaults(document: Document.Parsed, text: string, reading: Reading): readonly Fault[] {
  const erb = text.indexOf('<%')
  if (erb >= 0)
    return [
      {
        ...placeAt(reading, erb),
        message: `expected plain YAML, got ERB (<%); write the value, or use env: to tell environments apart`,
      },
    ]
  const seen = new Set<number>()
  for (const error of document.errors) {
    const { line } = reading.lines.linePos(error.pos[0])
    if (seen.has(line)) continue
    seen.add(line)
    const written = (text.split('\n')[line - 1] ?? '').slice(0, LONGEST_LINE)
    const star = STARRED.exec(written) ?? STARRED_IN_BRACES.exec(written)
    if (star === null) fault(reading, error.pos[0], `expected YAML, got: ${error.message}${advice(error.code)}`)
    else
      reading.faults.push({
        file: reading.file,
        line,
        column: (star[1]?.length ?? 0) + 1,
        message: starred(star[2] ?? ''),
      })
  }
  return reading.faults
}

/** So much of a line is looked at for an expression. */
const LONGEST_LINE = 1_000
/** An expression that begins with a star and has no quotes, on a line of its own, and between braces up to the next key or the end. */
const STARRED = /^(\s*(?:- |["'\w.-]+:\s+))(\*[^#]*?)\s*(#.*)?$/
const STARRED_IN_BRACES = /^(.*?[{,]\s*["'\w.-]+:\s+)(\*[^#}]*?)\s*(?:,\s*["'\w.-]+:\s.*|\}.*)$/

const starred = (text: string): string => `expected a text, got ${text}; ${QUOTE}: '${text}'`

const advice = (code: string): string => (code === 'TAB_AS_INDENT' ? '; indent with spaces' : '')

const placeAt = ({ file, lines }: Reading, offset: number): Place => {
  const { line, col } = lines.linePos(offset)
  return { file, line, column: col }
}

const fault = (reading: Reading, offset: number, message: string): void => {
  reading.faults.push({ ...placeAt(reading, offset), message })
}

function convert(node: Node | null, reading: Reading, depth: number): Tree {
  const offset = node?.range?.[0] ?? 0
  const place = placeAt(reading, offset)
  const nothing: Tree = { kind: 'scalar', place, value: null }
  if (depth > DEEPEST) {
    fault(reading, offset, TOO_DEEP)
    return nothing
  }
  if (isAlias(node)) {
    fault(reading, offset, starred(`*${node.source}`).replace('a text, got', 'no alias, got'))
    return nothing
  }
  if (node !== null && 'anchor' in node && node.anchor !== undefined) {
    fault(reading, offset, `expected no anchor, got &${node.anchor}; write the value out, or use defaults`)
  }
  if (isMap<unknown, unknown>(node)) {
    const entries = node.items.map((pair) => entryOf(pair, place, reading, depth))
    refuseDoubles(entries, reading)
    return { kind: 'map', place, entries }
  }
  if (isSeq<unknown>(node))
    return {
      kind: 'list',
      place,
      items: node.items.map((item) => convert(isNode(item) ? item : null, reading, depth + 1)),
    }
  return isScalar(node) ? { kind: 'scalar', place, value: scalarOf(node.value, offset, reading) } : nothing
}

function refuseDoubles(entries: readonly Entry[], reading: Reading): void {
  const lines = new Map<string, number>()
  for (const { key, place } of entries) {
    const first = lines.get(key)
    if (first === undefined) lines.set(key, place.line)
    else
      reading.faults.push({
        ...place,
        message: `expected each key once, got ${excerpt(key)} again, after line ${first}; give each its own name`,
      })
  }
}

function entryOf(
  pair: YAMLMap<unknown, unknown>['items'][number],
  parent: Place,
  reading: Reading,
  depth: number,
): Entry {
  const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
  const place = isNode(pair.key) ? placeAt(reading, offset) : parent
  const key = isScalar(pair.key) ? String(pair.key.value) : ''
  if (!isScalar(pair.key) || pair.key.value === null)
    fault(reading, offset, `expected a name as key, got a list, a map, an alias or nothing`)
  if (key === MERGE) fault(reading, offset, `expected no merge key, got <<; write the values out, or use defaults`)
  if (isNode(pair.value) && pair.value.range != null)
    return { key, place, value: convert(pair.value, reading, depth + 1) }
  return { key, place, value: { kind: 'scalar', place, value: null } }
}

function scalarOf(value: unknown, offset: number, reading: Reading): string | number | boolean | null {
  if (
    typeof value === 'number' &&
    (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  ) {
    fault(reading, offset, `expected a number that JSON can hold exactly, got ${value}; quote it`)
    return null
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value
  fault(reading, offset, `expected text, a number, true, false or null, got ${excerpt(value)}; quote it`)
  return null
}

/** The plain JSON value of a tree. */
export function jsonOf(tree: Tree): Json {
  switch (tree.kind) {
    case 'map':
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, jsonOf(value)]))
    case 'list':
      return tree.items.map(jsonOf)
    case 'scalar':
      return tree.value
  }
}
