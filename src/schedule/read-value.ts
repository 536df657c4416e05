import { excerpt } from '../errors.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { Fault, Place } from './fault.ts'
import { type ReadingOptions, readSchedule } from './read-definitions.ts'
import type { Entry, Tree } from './yaml-tree.ts'

/** A schedule that a program declares, or all that is wrong with it, as 'reports.deadline: expected …'. */
export type ReadValue =
  | { readonly kind: 'definition'; readonly definition: ScheduleDefinition }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

const DEEPEST = 64

/**
 * Reads a schedule from a value with the keys and by the rules of schedule files; a Date stands for its instant. `declaredBy` is
 * the file of its source, which has no line.
 */
export function readValue(name: string, value: unknown, declaredBy: string, options: ReadingOptions = {}): ReadValue {
  const place: Place = { file: declaredBy, line: 0, column: 0 }
  const faults: Fault[] = []
  const entry: Entry = { key: name, place, value: treeOf(value, name, place, faults, 0) }
  const definition = faults.length > 0 ? undefined : readSchedule(entry, new Map(), faults, options)
  if (definition === undefined || faults.length > 0)
    return { kind: 'faulty', faults: [...new Set(faults.map(({ message }) => message))] }
  return { kind: 'definition', definition }
}

function treeOf(value: unknown, path: string, place: Place, faults: Fault[], depth: number): Tree {
  const refused = (message: string): Tree => {
    faults.push({ ...place, message: `${path}: ${message}` })
    return { kind: 'scalar', place, value: null }
  }
  if (depth > DEEPEST) return refused(`expected at most ${DEEPEST} levels, got more`)
  if (value instanceof Date && !Number.isNaN(value.getTime()))
    return { kind: 'scalar', place, value: value.toISOString() }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, i) => treeOf(item, `${path}[${i}]`, place, faults, depth + 1))
    return { kind: 'list', place, items }
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return { kind: 'scalar', place, value: value as string | number | boolean | null }
  if (typeof value !== 'object' || !isPlain(value)) return refused(`expected what JSON can hold, got ${excerpt(value)}`)
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => ({ key, place, value: treeOf(part, `${path}.${key}`, place, faults, depth + 1) }))
  return { kind: 'map', place, entries }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
