import { isServed } from '../job/queue-choice.ts'
import type { SeenProcess } from './registry.ts'
import { readSilence, type Silence } from './silence.ts'
import type { Store } from './store.ts'

/** Something that waits and that no living process serves, and the line to type. */
export type Unserved = { readonly text: string; readonly line: string }

const PATIENCE = 60_000

/**
 * Everything that waits for nobody: due jobs without a scheduler, queues without a listener, names that no worker knows, and
 * schedulers that say that they live but leave what is due undone.
 */
export async function unserved(store: Store): Promise<readonly Unserved[]> {
  const now = await store.inspector.time()
  const living = await store.registry.living(now)
  const found: Unserved[] = []
  for (const queue of await store.space.queues()) {
    const [head, counts, held] = await Promise.all([
      store.inspector.head(queue, 1),
      store.inspector.counts(queue),
      store.inspector.held(queue),
    ])
    const dueAt = head.next[0]?.at
    if (dueAt !== undefined && dueAt < now - PATIENCE && !living.some(hasRole('scheduler'))) {
      found.push({
        text: `${jobs(counts.scheduled, 'waits', 'wait')} in queue ${queue}, ${counts.scheduled > 1 ? 'the first ' : ''}due since ${new Date(dueAt).toISOString()}, and no scheduler is alive`,
        line: START_SCHEDULER,
      })
    }
    if (counts.ready > 0 && !living.some((process) => listens(process, queue))) {
      found.push({
        text: `${jobs(counts.ready, 'is', 'are')} ready in queue ${queue}, and no worker listens to it`,
        line: `QUEUES=${queue} morrow worker   (on Heroku: heroku ps:scale worker=1)`,
      })
    }
    for (const { name, count } of held) {
      if (living.some(({ names }) => names.includes(name))) continue
      found.push({
        text: `${jobs(count, 'is', 'are')} held in queue ${queue} under the name ${name}, which no living worker knows`,
        line: `deploy a worker whose handlers include ${name}`,
      })
    }
  }
  const said = found.some(({ line }) => line === START_SCHEDULER)
  return [...found, ...(await unheard(store, await readSilence(store, living), living, said))]
}

const START_SCHEDULER = 'morrow scheduler   (on Heroku: heroku ps:scale scheduler=1)'
const SET_CLOCK = 'morrow clock show   (then set the clock right; if Redis is right: morrow clock accept)'
const RESTART_SCHEDULER = 'start the schedulers again   (on Heroku: heroku ps:restart scheduler)'

/** What schedulers leave undone, or workers the canary; `said` when it was said already that no scheduler is alive. */
export async function unheard(
  store: Store,
  silence: Silence,
  living: readonly SeenProcess[],
  said = false,
): Promise<readonly Unserved[]> {
  const { silent, overdue, stuck } = silence
  const schedulers = living.filter(hasRole('scheduler')).length
  const workers = living.filter(hasRole('worker')).length
  if (silent > 0 && overdue !== null && !(said && schedulers === 0)) {
    const since = `due since ${new Date(overdue.since).toISOString()}`
    const name = overdue.kind === 'tick' ? ((await store.schedules.read(overdue))?.name ?? overdue.id) : ''
    const what = overdue.kind === 'tick' ? `a tick of schedule ${name} is` : `a job of queue ${overdue.queue} is`
    const isHeld = schedulers > 0 && silence.clockApart !== 0
    const who =
      schedulers === 0
        ? 'no scheduler is alive'
        : isHeld
          ? `Redis' clock is ${seconds(Math.abs(silence.clockApart))} from the hosts', so time stands still`
          : counted(schedulers, 'scheduler says it lives', 'schedulers say they live')
    const line = schedulers === 0 ? START_SCHEDULER : isHeld ? SET_CLOCK : RESTART_SCHEDULER
    return [{ text: `scheduler silent for ${seconds(silent)}: ${what} not decided, ${since}; ${who}`, line }]
  }
  if (stuck === 0) return []
  const text = `no tick went the whole way for ${seconds(stuck)}, though ${counted(schedulers, 'scheduler', 'schedulers')} and ${counted(workers, 'worker', 'workers')} say they live`
  return [{ text, line: 'morrow doctor   (then start the workers again; on Heroku: heroku ps:restart worker)' }]
}

const seconds = (length: number): string => `${Math.floor(length / 1000)} s`

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const jobs = (count: number, one: string, many: string): string =>
  count === 1 ? `1 job ${one}` : `${count} jobs ${many}`

const hasRole =
  (role: string) =>
  ({ roles }: SeenProcess): boolean =>
    roles.includes(role)

const listens = (process: SeenProcess, queue: string): boolean =>
  process.roles.includes('worker') && isServed(process.queues, queue)
