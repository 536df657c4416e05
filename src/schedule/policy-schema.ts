import { OVERLAPS } from './policies.ts'
import { MOST_CAUGHT_UP, MOST_RUNS, MOST_TAGS, type POLICY_KEYS } from './read-policies.ts'

type Schema = { readonly [key: string]: unknown }

const text: Schema = { type: 'string', pattern: '\\S' }
const name: Schema = { type: 'string', pattern: '^[A-Za-z0-9][\\w.:/@-]{0,99}$' }

const whole = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum })

/** A map that has no other keys than these. */
export const mapOf = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

const MOMENT: Schema = { type: 'string', pattern: '^\\s*\\d{4}-\\d\\d-\\d\\d' }

const MISSED: Schema = {
  description: 'What becomes of ticks that were due while nobody was there: once (one run for all) unless said.',
  anyOf: [
    { enum: ['skip', 'once', 'all'] },
    mapOf({ policy: { const: 'all' }, max: whole(1, MOST_CAUGHT_UP), within: text }, ['policy']),
    mapOf({ policy: { const: 'once' }, within: text }, ['policy']),
    mapOf({ policy: { const: 'skip' } }, ['policy']),
  ],
}

const number = (minimum: number, maximum: number): Schema => ({ type: 'number', minimum, maximum })

const BACKOFF: Schema = {
  anyOf: [
    { const: 'polynomial' },
    mapOf({ kind: { const: 'polynomial' }, power: number(0, 10), plus: text, longest: text }, ['kind']),
    mapOf({ kind: { const: 'exponential' }, first: text, factor: number(1, 100), longest: text }, ['kind']),
    mapOf({ kind: { const: 'fixed' }, wait: text }, ['kind', 'wait']),
  ],
}

const RETRY: Schema = {
  description: 'How often a job of it is tried, the first run included; as its job type says unless said.',
  anyOf: [whole(1, 1_000), mapOf({ attempts: whole(1, 1_000), backoff: BACKOFF, jitter: number(0, 1) })],
}

/** The JSON Schema of each policy. */
export const POLICIES: Readonly<Record<(typeof POLICY_KEYS)[number], Schema>> = {
  missed: MISSED,
  overlap: {
    description: 'What a tick does when an unended job of the schedule is there: allow unless said.',
    enum: OVERLAPS,
  },
  dst: {
    description: 'What changed clocks do to wall-clock patterns: run and first unless said.',
    ...mapOf({ gap: { enum: ['run', 'skip'] }, overlap: { enum: ['first', 'last', 'both'] } }),
  },
  spread: { description: "Puts ticks off by a share of this that is the schedule's own: '10m'.", ...text },
  deadline: { description: "How long after its instant a tick may still begin, at least 1 s: '5m'.", ...text },
  starts: { description: "The first day or time of a tick: '2026-12-01', '2026-12-01T09:00'.", ...MOMENT },
  ends: { description: "The last day or time of a tick, inclusive: '2026-12-31'.", ...MOMENT },
  limit: { description: 'How many jobs its ticks may make in all.', ...whole(1, MOST_RUNS) },
  exclude: {
    description: 'The calendars (calendars/*.yml) on whose dates and hours it does not tick.',
    anyOf: [text, { type: 'array', items: text }],
  },
  priority: { description: '0 to 9, 0 first.', ...whole(0, 9) },
  tags: {
    description: 'Words to find its jobs by.',
    anyOf: [name, { type: 'array', items: name, maxItems: MOST_TAGS }],
  },
  owner: { description: 'Who answers for it.', ...text },
  runbook: { description: 'What to do when it fails: an http(s) URL, or a path.', ...text },
  retry: RETRY,
  timeout: { description: 'How long one attempt may take.', ...text },
  expiresIn: { description: 'How long a job of it may wait for its start.', ...text },
  was: { description: 'The name it had before: it keeps cursor, ledger, pause and waiting jobs.', ...name },
  lateness: { description: 'The lateness that is planned for.', ...mapOf({ p99: text }, ['p99']) },
}
