import { excerpt } from '../errors.ts'
import { InvalidJobError } from '../job/errors.ts'
import { fieldsOf, numberOf } from '../job/options.ts'
import type { BulkAnswer, BulkProgress, SelectedJob } from '../job/selection-client.ts'
import { duration } from '../time/clock.ts'
import { allSettled } from './all-settled.ts'
import type { Criteria } from './criteria.ts'
import { inTime } from './in-time.ts'
import { firstTimes, type JobsParts, type Looker, type Match, MOST, refuseStarted, shown } from './matches.ts'
import { cursorText, type Place, placeIn } from './positions.ts'

/** What is done to one job; answers whether it changed something. */
export type Step = () => Promise<boolean>

/** Makes ready what is done to a job. When it throws nothing is done to any job of its portion; a dry run ends here. */
export type Prepare = (match: Match) => Step | Promise<Step>

/** A verb over all that match. */
export type Many = (verb: string, prepare: Prepare, given: unknown) => Promise<BulkAnswer>

type Options = {
  readonly rate: number
  readonly dryRun: boolean
  readonly from: Place | undefined
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: BulkProgress) => void
}

const KEYS = ['rate', 'dryRun', 'cursor', 'signal', 'onProgress'] as const
/** As many commands as Redis takes from one connection in a millisecond or two, before it turns to the next one. */
const TOGETHER = 50
const SAMPLES = 3

/**
 * Steers all that match, portion by portion: a bounded look, then each of its jobs by the arrow that steers one job, so that
 * what has begun or ended meanwhile is left alone. It may stop anywhere; what was done stays done.
 */
export const bulk =
  (parts: JobsParts, criteria: Criteria, look: Looker): Many =>
  async (verb, prepare, given) => {
    refuseStarted(criteria, verb)
    const options = optionsOf(given, verb)
    options.signal?.throwIfAborted()
    const began = parts.clock.monotonic()
    const watch = watchful(parts)
    const isNew = firstTimes()
    const samples: SelectedJob[] = []
    const so = { matched: 0, changed: 0, next: cursorText(options.from ?? null) }
    const portion = Math.min(MOST, Math.max(1, Math.ceil(options.rate)))
    try {
      for (let place: Place | null | undefined = options.from; place !== null && !options.signal?.aborted; ) {
        const looked = await look(place, portion)
        const fresh = looked.matches.filter(isNew)
        samples.push(...fresh.slice(0, SAMPLES - samples.length).map(shown))
        so.matched += fresh.length
        const steps = await Promise.all(fresh.map(prepare))
        if (!options.dryRun) so.changed += await take(parts, steps)
        so.next = cursorText(looked.next)
        // A cursor means nothing to another server: what was seen is known, the rest is looked for anew.
        place = (await watch.lost()) ? undefined : looked.next
        options.onProgress({ ...so })
        if (place !== null && !options.dryRun) await pace(parts, began, so.matched / options.rate, options.signal)
      }
      return { ...so, samples }
    } finally {
      watch.end()
    }
  }

/** Redis takes up other connections' commands between these. */
async function take({ clock, timeout }: JobsParts, steps: readonly Step[]): Promise<number> {
  let changed = 0
  for (let first = 0; first < steps.length; first += TOGETHER) {
    const some = steps.slice(first, first + TOGETHER).map((step) => step())
    const answers = await inTime(allSettled(some), clock.monotonic() + timeout, clock, 'unknown')
    changed += answers.filter(Boolean).length
  }
  return changed
}

/** Rests until so many seconds after the beginning. */
async function pace({ clock }: JobsParts, began: number, seconds: number, signal?: AbortSignal): Promise<void> {
  const rest = began + seconds * 1_000 - clock.monotonic()
  if (rest > 0) await clock.sleep(duration(rest), signal)
}

/** Notes whether the connection was lost since it was asked last. */
function watchful({ store }: JobsParts) {
  let isLost = false
  let end = (): void => undefined
  const watching = store().then(({ connection }) => {
    end = connection.onLost(() => {
      isLost = true
    })
  })
  return {
    lost: async (): Promise<boolean> => {
      await watching
      const was = isLost
      isLost = false
      return was
    },
    end: () => end(),
  }
}

function optionsOf(given: unknown, verb: string): Options {
  const faults: string[] = []
  const fields = fieldsOf(given, verb, KEYS, faults)
  const { dryRun = false, signal, onProgress } = fields
  const rate = numberOf(fields['rate'], 'rate', { least: 0.0001, most: 1e6 }, Number.POSITIVE_INFINITY, faults)
  if (typeof dryRun !== 'boolean') faults.push(`dryRun: must be true or false, got ${excerpt(dryRun)}`)
  if (signal !== undefined && !(signal instanceof AbortSignal)) faults.push('signal: must be an AbortSignal')
  if (onProgress !== undefined && typeof onProgress !== 'function') faults.push('onProgress: must be a function')
  if (faults.length > 0) throw new InvalidJobError('the options of a call', faults)
  return {
    rate,
    dryRun: dryRun === true,
    from: placeIn(fields['cursor']),
    signal: signal instanceof AbortSignal ? signal : undefined,
    onProgress: typeof onProgress === 'function' ? (onProgress as Options['onProgress']) : () => undefined,
  }
}
