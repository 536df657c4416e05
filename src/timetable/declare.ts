import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import { type Hand, type Pending, putInForce, withdraw } from './apply.ts'

/** Who declares a schedule at run time. */
export type Declarer = { readonly store: Store; readonly by: string; readonly tz: string }

/** What came of it; one that stands in a schedule file is changed there only. */
export type Declared =
  | { readonly kind: 'applied' | 'unchanged'; readonly nextAt: number | null }
  | { readonly kind: 'in-file'; readonly definition: string }

/** Schedules made at run time belong to no generation of files; so long a later reign does not keep them from change. */
const handOf = ({ store, by, tz }: Declarer, reign: number): Hand => ({ store, by, tz, generation: '0', reign })

const TRIES = 10

/** Declares or changes a schedule that lives beside those from files. */
export async function declare(declarer: Declarer, definition: ScheduleDefinition): Promise<Declared> {
  const { schedules } = declarer.store
  for (let left = TRIES; left > 0; left--) {
    const home = await schedules.home(definition.name)
    const stands = home && (await schedules.read(home))
    if (stands && stands.version !== '' && stands.origin === 'file')
      return { kind: 'in-file', definition: stands.definition }
    const answer = await putInForce(handOf(declarer, stands?.reign ?? 0), definition, 'api')
    if (answer === 'newer') continue
    const at = await schedules.home(definition.name)
    return { kind: answer, nextAt: (at && (await schedules.read(at)))?.nextAt ?? null }
  }
  throw new Error(`schedule ${definition.name} changed ${TRIES} times while it was declared`)
}

/** What came of a removal. */
export type Removed =
  | { readonly kind: 'removed' | 'unknown' }
  | { readonly kind: 'in-file'; readonly definition: string }

/** Takes a schedule that was made at run time out of force. */
export async function remove(declarer: Declarer, name: string, pending: Pending): Promise<Removed> {
  const { schedules } = declarer.store
  for (let left = TRIES; left > 0; left--) {
    const home = await schedules.home(name)
    const stands = home && (await schedules.read(home))
    if (!stands || stands.version === '') return { kind: 'unknown' }
    if (stands.origin === 'file') return { kind: 'in-file', definition: stands.definition }
    const answer = await withdraw(handOf(declarer, stands.reign), name, pending)
    if (answer !== 'newer') return { kind: answer === 'withdrawn' ? 'removed' : 'unknown' }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was removed`)
}
