import { definitionOf, type ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { type Hand, type Pending, putInForce, withdraw } from './apply.ts'
import { locate } from './locate.ts'
import { contextIn } from './records.ts'
import { isToGoOn } from './standing.ts'

/** Who declares a schedule at run time. */
export type Declarer = { readonly store: Store; readonly by: string; readonly tz: string }

/** It stands in a schedule file, at `source`, and is changed there only. */
type InFile = { readonly kind: 'in-file'; readonly source: string }

/** What came of it. */
export type Declared = { readonly kind: 'applied' | 'unchanged'; readonly nextAt: number | null } | InFile

/** Schedules made at run time belong to no generation of files; so long a later reign does not keep them from change. */
const handOf = ({ store, by, tz }: Declarer, reign: number): Hand => ({ store, by, tz, generation: '0', reign })

const TRIES = 10

/** Declares or changes a schedule that lives beside those from files. */
export async function declare(declarer: Declarer, definition: ScheduleDefinition): Promise<Declared> {
  const { store } = declarer
  const { name, policies } = definition
  for (let left = TRIES; left > 0; left--) {
    const stands = await alive(store, name)
    const former = policies.was === undefined ? undefined : await alive(store, policies.was)
    const ofFile = [stands, stands === undefined ? former : undefined].find((each) => each?.origin === 'file')
    if (ofFile !== undefined) return inFile(store, ofFile)
    const known = stands ?? (await locate(store, name))?.stands
    const reign = Math.max(known?.reign ?? 0, former?.reign ?? 0)
    const answer = await putInForce(handOf(declarer, reign), definition, 'api')
    if (answer === 'newer') continue
    return { kind: answer, nextAt: (await alive(store, name))?.nextAt ?? null }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was declared`)
}

/** What came of a removal. */
export type Removed = { readonly kind: 'removed' | 'unknown' } | InFile

/** Takes a schedule that was made at run time out of force. */
export async function remove(declarer: Declarer, name: string, pending: Pending): Promise<Removed> {
  const { store } = declarer
  for (let left = TRIES; left > 0; left--) {
    const stands = await alive(store, name)
    if (stands === undefined) return { kind: 'unknown' }
    if (stands.origin === 'file') return inFile(store, stands)
    const answer = await withdraw(handOf(declarer, stands.reign), name, pending)
    if (answer !== 'newer') return { kind: answer === 'withdrawn' ? 'removed' : 'unknown' }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was removed`)
}

/**
 * Puts a schedule that was made at run time in force again where it was, if its move to another queue was broken off between the
 * two; its caller has died, or finds it moved and begins anew. Answers whether it did.
 */
export async function restore(declarer: Declarer, name: string): Promise<boolean> {
  const stands = await alive(declarer.store, name)
  if (!isToGoOn(stands) || stands.origin !== 'api') return false
  const text = await lastDefinition(declarer.store, stands)
  if (text === '') return false
  const definition = { ...definitionOf(text), name }
  return (await putInForce(handOf(declarer, stands.reign), definition, 'api')) === 'applied'
}

/** The schedule of a name that is in force, or on its way to another queue. */
async function alive(store: Store, name: string): Promise<StoredSchedule | undefined> {
  const stands = (await locate(store, name))?.stands
  return stands?.version === '' && !isToGoOn(stands) ? undefined : stands
}

/** The definition that is in force, or was when the move began: its ledger keeps that; empty when it is known no more. */
async function lastDefinition({ schedules }: Store, stands: StoredSchedule): Promise<string> {
  if (stands.version !== '') return stands.definition
  const { entries, texts, definitions } = await schedules.ledger(stands, -1, -1)
  const { version } = contextIn(texts.get(entries[0]?.context ?? 0) ?? '')
  return definitions.get(version) ?? ''
}

async function inFile(store: Store, stands: StoredSchedule): Promise<InFile> {
  const text = await lastDefinition(store, stands)
  if (text === '') return { kind: 'in-file', source: 'the schedule files' }
  const { file, line } = definitionOf(text).source
  return { kind: 'in-file', source: `${file}:${line}` }
}
