import { nextPlanned, previousPlanned } from '../schedule/rule.ts'
import { spanFate } from '../schedule/tick-spans.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import { type Amendment, amend, type InForce, liveNotes, readInForce, type Unknown } from './amend.ts'
import { pausesOf } from './apply.ts'
import { isTickOf } from './open-ticks.ts'
import { readRecords } from './records.ts'

/** Which ticks are called off, the one planned at an instant or so many of the next that would run; and by whom and why. */
export type SkipRequest = ({ readonly at: Instant } | { readonly count: number }) & {
  readonly by: string
  /** Empty, or left out, when nobody has said it. */
  readonly reason?: string
  readonly now: Instant
}

/** What came of it. */
export type SkipAnswer =
  | { readonly kind: 'skipped'; readonly at: readonly Instant[] }
  /** The tick at that instant has been decided on already. */
  | { readonly kind: 'decided'; readonly at: Instant }
  /** No tick is planned at that instant; those next to it. */
  | {
      readonly kind: 'not-planned'
      readonly at: Instant
      readonly before: Instant | null
      readonly after: Instant | null
    }
  /** So many ticks may be called off at once. */
  | { readonly kind: 'too-many'; readonly most: number }
  | Unknown

/** The ticks of a schedule that may be called off at one time. */
const MOST = 1_000
/** How far ahead the next ticks that would run are looked for. */
const LOOKED_AT = 100_000

/**
 * Calls off ticks that are to come. One that was decided on while it was asked is said to be; of the next ones another takes its
 * place.
 */
export async function skip(store: Store, name: string, request: SkipRequest): Promise<SkipAnswer> {
  const answer = await amend<SkipAnswer>(store, name, (found) => say(found, request))
  if (answer.kind !== 'skipped') return answer
  const decided = await decidedOtherwise(store, name, answer.at)
  if (decided === undefined) return { kind: 'unknown' }
  const [first] = decided
  if (first === undefined) return answer
  if ('at' in request) return { kind: 'decided', at: first }
  const others = await skip(store, name, { ...request, count: decided.length })
  const called = answer.at.filter((each) => !decided.includes(each))
  if (others.kind === 'skipped') return { kind: 'skipped', at: [...called, ...others.at] }
  return called.length === 0 ? others : { kind: 'skipped', at: called }
}

function say({ stands, compiled: { rule } }: InForce, request: SkipRequest): Amendment<SkipAnswer> {
  const { now, by, reason = '' } = request
  const { skips: known } = liveNotes(stands, now, {})
  const only = (answer: SkipAnswer): Amendment<SkipAnswer> => ({ kind: 'answer', answer })
  if ('at' in request) {
    const { at } = request
    const [before, after] = [previousPlanned(rule, at), nextPlanned(rule, at)]
    if (stands.nextAt !== at && nextPlanned(rule, instant(at - 1)) !== at)
      return only({ kind: 'not-planned', at, before, after })
    if (stands.nextAt === null) return only({ kind: 'not-planned', at, before, after: null })
    if (at < stands.nextAt) return only({ kind: 'decided', at })
  }
  const chosen = 'at' in request ? [request.at] : nextToRun({ stands, compiled: { rule } }, request.count)
  const skips = [...new Set([...known, ...chosen])].sort((a, b) => a - b)
  if (skips.length > MOST) return only({ kind: 'too-many', most: MOST })
  const fresh = chosen.filter((each) => !known.includes(each))
  const calledOff = [...stands.calledOff, ...(fresh.length === 0 ? [] : [{ since: now, at: fresh, by, reason }])]
  const notes = liveNotes(stands, now, { skips, calledOff })
  return { kind: 'note', notes, answer: { kind: 'skipped', at: chosen } }
}

/** The next ticks that nothing keeps from running yet. */
function nextToRun(
  {
    stands,
    compiled: { rule },
  }: { readonly stands: InForce['stands']; readonly compiled: Pick<InForce['compiled'], 'rule'> },
  count: number,
): readonly Instant[] {
  const chosen: Instant[] = []
  const cursor = stands.nextAt === null ? null : instant(stands.nextAt)
  if (cursor === null) return chosen
  const standing = { cursor, now: cursor, ...pausesOf(stands) }
  let left = LOOKED_AT
  for (let at: Instant | null = cursor; at !== null && chosen.length < count && left > 0; at = nextPlanned(rule, at)) {
    if (spanFate(rule, standing, at) === 'open') chosen.push(at)
    if (chosen.length > MOST) break
    left -= 1
  }
  return chosen
}

/** A scheduler may have decided on ticks between our look and our note; undefined when the schedule has gone meanwhile. */
async function decidedOtherwise(
  store: Store,
  name: string,
  at: readonly Instant[],
): Promise<readonly Instant[] | undefined> {
  const found = await readInForce(store, name)
  if (found === undefined) return undefined
  const { nextAt } = found.stands
  const past = at.filter((each) => nextAt === null || each < nextAt)
  if (past.length === 0) return []
  const rows = (await readRecords(store, found.stands))?.rows ?? []
  return past.filter((each) => {
    const row = rows.findLast((row) => row.entry.fate !== 'by-hand' && isTickOf(row, each))
    return row !== undefined && row.entry.fate !== 'called-off'
  })
}
