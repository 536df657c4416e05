import type { Connection } from './connection.ts'
import { queueKeys } from './keys.ts'
import { part } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import type { Home, StoredSchedule } from './stored-schedule.ts'

/** How many jobs of a schedule have not ended, by the place where they are. */
export type Unended = {
  readonly scheduled: number
  readonly ready: number
  readonly held: number
  readonly active: number
}

/** Only the last so many jobs of a schedule are looked at. */
const MOST_LOOKED_AT = 4_096

/** Counts the jobs of a schedule that have not ended, in the queues that it fed before too; looks at the last 4,096 in each. */
export async function countUnended(
  connection: Connection,
  prefix: string,
  { id, queue, former }: Home & Pick<StoredSchedule, 'former'>,
): Promise<Unended> {
  const queues = [...new Set([queue, ...former])]
  const counts = await Promise.all(
    queues.map(async (each) => {
      const args = { id, limit: MOST_LOOKED_AT }
      const reply = await run(connection, scripts.unended, queueKeys(prefix, each), { args })
      return [0, 1, 2, 3].map((index) => Number(part(reply, index)))
    }),
  )
  const [scheduled = 0, ready = 0, held = 0, active = 0] = [0, 1, 2, 3].map((place) =>
    counts.reduce((sum, count) => sum + (count[place] ?? 0), 0),
  )
  return { scheduled, ready, held, active }
}
