import type { RetryOverride } from '../job/retry.ts'
import type { Duration, Instant } from '../time/clock.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import type { ScheduleDefinition } from './definition.ts'
import { lengthText } from './describe.ts'
import type { MissedPolicy, OverlapPolicy, Policies } from './policies.ts'
import { ruleOf } from './rule.ts'
import { counted, listed } from './words.ts'

/** One policy of a schedule, by its key in the files, in words. */
export type PolicyInWords = { readonly key: string; readonly text: string }

/**
 * What a definition says beside its timing and its job, in plain words: of missed ticks and overlaps always, of the rest what
 * is said. Throws InvalidCronError, InvalidTimeError.
 */
export function policiesInWords(definition: ScheduleDefinition): readonly PolicyInWords[] {
  const { policies, timing, tz } = definition
  const ofTicks = timing.kind === 'manual' ? {} : { missed: missedText(policies.missed), ...boundsOf(definition) }
  const said: Readonly<Record<string, string | undefined>> = {
    ...ofTicks,
    overlap: OVERLAPPING[policies.overlap],
    ...ofJobs(policies),
    lateness: policies.lateness && `99 of 100 ticks begin within ${long(policies.lateness.p99)} of their due instant`,
    owner: policies.owner,
    runbook: policies.runbook,
    was: policies.was && `it was named ${policies.was} before`,
    tz: timing.kind === 'cron' ? undefined : zoneText(timing.kind, tz),
  }
  return Object.entries(said).flatMap(([key, text]) => (text === undefined ? [] : [{ key, text }]))
}

const zoneText = (kind: 'every' | 'manual', tz: string): string | undefined =>
  kind === 'manual' || tz === 'UTC' ? undefined : `its times are shown in ${tz}`

/** A length of time with its number: '1 hour', '90 minutes'. */
export const long = (length: Duration): string => {
  const text = lengthText(length)
  return /^\d/.test(text) ? text : `1 ${text}`
}

function missedText(missed: MissedPolicy): string {
  const window =
    'within' in missed && missed.within !== undefined ? ` that are no older than ${long(missed.within)}` : ''
  switch (missed.kind) {
    case 'skip':
      return 'ticks that were due while nobody was there are skipped'
    case 'once':
      return `one run stands for all missed ticks${window || ' of one period, and of one day at least'}`
    case 'all':
      return `the newest ${missed.max} missed ticks${window} run, oldest first`
  }
}

const OVERLAPPING: Readonly<Record<OverlapPolicy, string>> = {
  allow: 'a tick runs also while an earlier run has not ended',
  skip: 'a tick is skipped while an earlier run has not ended',
  'queue-one': 'a tick waits while an earlier run has not ended; one at most',
  'cancel-previous': 'a tick cancels an earlier run, and begins when one that runs has ended',
}

/** Which ticks there are, and when they are due. */
function boundsOf(definition: ScheduleDefinition): Readonly<Record<string, string | undefined>> {
  const { policies, tz } = definition
  const { dst, spread, deadline, starts, ends, limit, exclude } = policies
  const zone = zoneOf(tz)
  return {
    dst: dst && `a missing time ${GAPS[dst.gap]}, a repeated time runs ${REPEATS[dst.overlap]}`,
    spread: spread === undefined ? undefined : spreadText(definition, spread),
    deadline: deadline && `a tick that has not begun ${long(deadline)} after it was due is skipped`,
    starts: starts && `no tick before ${shown(zone, starts)}`,
    ends: ends && `no tick after ${shown(zone, ends)}`,
    limit: limit === undefined ? undefined : `${counted(limit, 'job')} at most`,
    exclude: exclude && `no tick in ${listed(exclude.map(({ name }) => name))}, on the clocks of ${tz}`,
  }
}

const GAPS = { run: 'runs at the end of the gap', skip: 'does not run' } as const
const REPEATS = { first: 'the first time', last: 'the second time', both: 'both times' } as const

const shown = (zone: Zone, at: Instant): string => `${isoLocal(zone, at)} ${zone.name}`

function spreadText(definition: ScheduleDefinition, spread: Duration): string {
  const share = Math.round((ruleOf(definition).spread?.share ?? 0) * 100)
  return `each tick is put off by ${share} % of ${long(spread)}, or of the way to the next one if that is shorter`
}

/** What its jobs are made with. */
function ofJobs({ retry, timeout, expiresIn, priority, tags }: Policies): Readonly<Record<string, string | undefined>> {
  return {
    retry: retry && retryText(retry),
    timeout: timeout && `an attempt may take ${long(timeout)}`,
    expiresIn: expiresIn && `a job waits for its start ${long(expiresIn)} at most`,
    priority: priority === undefined ? undefined : `${priority} of 0 to 9, 0 first`,
    tags: tags && listed(tags),
  }
}

function retryText({ attempts, backoff, jitter }: RetryOverride): string {
  const parts = [
    ...(attempts === undefined ? [] : [`${counted(attempts, 'attempt')}, the first run included`]),
    ...(backoff === undefined ? [] : [`${backoff.kind} waits between them`]),
    ...(jitter === undefined ? [] : [`jitter ${Math.round(jitter * 100)} %`]),
  ]
  return parts.length === 0 ? 'as its job type says' : parts.join(', ')
}
