import type { Connection } from './connection.ts'
import { queueKeys } from './keys.ts'
import { part, type Reply } from './reply.ts'
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
/** The same where a run would begin beside an earlier one that nobody saw. */
const MOST_ASKED = 65_536

/** Counts the jobs of a schedule that have not ended, in the queues that it fed before too; looks at the last 4,096 in each. */
export async function countUnended(
  connection: Connection,
  prefix: string,
  { id, queue, former }: Home & Pick<StoredSchedule, 'former'>,
): Promise<Unended> {
  const queues = [...new Set([queue, ...former])]
  const replies = await Promise.all(
    queues.map((each) => look(connection, prefix, { id, queue: each }, MOST_LOOKED_AT, 0)),
  )
  const [scheduled = 0, ready = 0, held = 0, active = 0] = [0, 1, 2, 3].map((place) =>
    replies.reduce<number>((sum, reply) => sum + Number(part(reply, place)), 0),
  )
  return { scheduled, ready, held, active }
}

/** Whether a run of a schedule has not ended in one of some queues: the number of the first; undefined when all have. */
export async function firstUnended(
  connection: Connection,
  prefix: string,
  id: string,
  queues: readonly string[],
): Promise<number | undefined> {
  const replies = await Promise.all(queues.map((queue) => look(connection, prefix, { id, queue }, MOST_ASKED, 1)))
  const numbers = replies.map((reply) => part(reply, 4)).filter((first) => first !== '')
  return numbers.length === 0 ? undefined : Math.min(...numbers.map(Number))
}

const look = (
  connection: Connection,
  prefix: string,
  { id, queue }: Home,
  limit: number,
  only: 0 | 1,
): Promise<Reply> => run(connection, scripts.unended, queueKeys(prefix, queue), { args: { id, limit, only } })
