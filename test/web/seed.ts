import assert from 'node:assert/strict'
import { createClient, createWorker, defineJob } from '../../src/index.ts'
import { newClient } from '../../src/job/id.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import type { Home } from './support.ts'

/** A job type that takes any payload that JSON can hold. */
const anyJson = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as { to: string } }) },
} as const

const sendMail = defineJob({ name: 'send-mail', queue: 'mail', payload: anyJson })
const resize = defineJob({ name: 'resize-image', queue: 'images' })
const failing = defineJob({ name: 'charge-card', queue: 'mail', retry: { attempts: 1 } })
const unknown = defineJob({ name: 'write-invoice', queue: 'mail' })

/** A text that stands in every payload and error text, and must stand on no page. */
export const SECRET = 'very-secret@example.com'

const quiet = { logLevel: 'silent', environment: 'test' } as const

/** Puts jobs into all places but active: scheduled, ready, held, dead and ended. */
export async function seed({ url, prefix }: Pick<Home, 'url' | 'prefix'>): Promise<void> {
  const where = { redisUrl: url, prefix, ...quiet }
  const client = createClient(where)
  await client.enqueueMany([failing.request(), unknown.request(), sendMail.request({ to: SECRET })])
  const worker = createWorker({
    ...where,
    queues: 'mail',
    untilEmpty: true,
    handlers: [
      sendMail.handle(() => undefined),
      failing.handle(() => {
        throw new RangeError(`no such card: ${SECRET}`)
      }),
    ],
  })
  await worker.start()
  await worker.ended
  await client.enqueue(resize)
  await client.enqueue(resize)
  for (const days of [1, 2, 3]) await client.schedule(sendMail, { to: SECRET }, { in: { days } })
  await client.close()
}

/** Puts schedules in force, as a scheduler does when it has read them. */
export async function seedSchedules(here: Home): Promise<void> {
  const { store } = here
  const now = await store.inspector.time()
  const source = { file: 'schedules/mail.yml', line: 1, column: 1 }
  const definitions = [
    {
      name: 'digest',
      timing: { kind: 'cron', cron: ['* * * * *'] },
      tz: 'UTC',
      job: 'send-digest',
      description: 'To everybody',
    },
    { name: 'night', timing: { kind: 'cron', cron: ['30 2 * * *'] }, tz: 'Europe/Berlin', job: 'clean-up' },
    { name: 'poll', timing: { kind: 'every', every: 300_000, offset: 0 }, tz: 'UTC', job: 'poll-inbox' },
    { name: 'rebuild', timing: { kind: 'manual' }, tz: 'UTC', job: 'rebuild-index' },
  ]
  await store.queue('mail')
  for (const [index, definition] of definitions.entries()) {
    const text = JSON.stringify({ ...definition, enabled: true, source, payload: { to: SECRET } })
    const next = definition.timing.kind === 'manual' ? null : now + 60_000 * (index + 1)
    const home = await store.schedules.settle(definition.name, { id: newClient(), queue: 'mail' })
    await store.schedules.apply(home, {
      rev: '',
      reign: 1,
      version: 'v1',
      name: definition.name,
      definition: text,
      origin: 'file',
      tz: '2026a',
      since: now,
      from: null,
      next: next === null ? null : { at: next, dueAt: next },
      generation: '1',
      context: '1 v1 2026a mail',
      by: 'seed',
    })
    if (definition.name === 'digest' && next !== null) await seedFates(here, home, next)
  }
}

/** Lets the ledger of a schedule tell of ticks of each look. */
async function seedFates(
  { store }: Home,
  { id, queue }: { readonly id: string; readonly queue: string },
  next: number,
) {
  const fates = ['paused', 'missed', 'called-off', 'excluded'] as const
  const steps = fates.map((fate, index) => {
    const at = next - 60_000 * (10 - index)
    return { kind: 'rest', fate, first: at, last: at, count: 1, into: null } as const
  })
  const standing = { at: next, dueAt: next }
  const draw = {
    id,
    from: { kind: 'tick', at: next },
    rev: '1',
    next: standing,
    ripeAt: null,
    overlap: 'allow',
  } as const
  const [drawn] = await store.schedules.fire(queue, 'seed', [
    { ...draw, limit: null, context: '1 v1 2026a mail', steps },
  ])
  assert.equal(drawn?.kind, 'fired')
}

/** Enters a living process that is not there. */
export async function announce({ store }: Home, parts: Partial<ProcessCard> = {}): Promise<void> {
  const now = await store.inspector.time()
  const card: ProcessCard = {
    id: 'p1',
    roles: ['worker'],
    host: 'worker.1',
    pid: 4711,
    version: '0.1.0',
    environment: 'production',
    startedAt: now - 3_725_000,
    queues: ['mail', '*'],
    names: ['send-mail'],
    catalogue: {},
    tz: '2026a',
    clockAhead: 0,
    running: 3,
    ...parts,
  }
  await store.registry.announce(card, now)
}
