import type { SeenProcess } from './registry.ts'
import type { Store } from './store.ts'

/** Something that waits and that no living process serves, and the line to type. */
export type Unserved = { readonly text: string; readonly line: string }

const PATIENCE = 60_000

/** Everything that waits for nobody: due jobs without a scheduler, queues without a listener, names that no worker knows. */
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
        text: `${jobs(counts.scheduled, 'waits', 'wait')} in queue ${queue}, due since ${new Date(dueAt).toISOString()}, and no scheduler is alive`,
        line: 'morrow scheduler   (on Heroku: heroku ps:scale scheduler=1)',
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
  return found
}

const jobs = (count: number, one: string, many: string): string =>
  count === 1 ? `1 job ${one}` : `${count} jobs ${many}`

const hasRole =
  (role: string) =>
  ({ roles }: SeenProcess): boolean =>
    roles.includes(role)

const listens = (process: SeenProcess, queue: string): boolean =>
  process.roles.includes('worker') && (process.queues.includes('*') || process.queues.includes(queue))
