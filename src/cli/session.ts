import { openClient } from '../client/client.ts'
import type { Config } from '../config.ts'
import type { Client } from '../job/client.ts'
import type { Connection } from '../store/connection.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import { openStore, type Store } from '../store/store.ts'
import { systemClock } from '../time/system-clock.ts'
import { namespaceOf } from '../wiring/options.ts'
import { COMMAND_TIMEOUT, checkServer, dial, diallingOf } from '../wiring/redis.ts'
import { TZ_DATA } from '../wiring/version.ts'

/** One connection of a command, and what goes through it. */
export type Session = { readonly connection: Connection; readonly store: Store; readonly client: Client }

/** Connects to a server that is fit for jobs, lets `use` work, and disconnects; what Redis answers amiss comes out as one of our errors. */
export async function withStore<Answer>(config: Config, use: (session: Session) => Promise<Answer>): Promise<Answer> {
  const connection = await dial(diallingOf(config), 'morrow-cli')
  try {
    await checkServer(connection, config)
    const store = openStore({ connection, prefix: namespaceOf(config) })
    await store.space.greet()
    const client = openClient({
      store: () => Promise.resolve(store),
      clock: systemClock,
      timeout: COMMAND_TIMEOUT,
      tz: TZ_DATA,
      payloadLimit: config.payloadLimit,
      environment: config.environment,
    })
    return await use({ connection, store, client })
  } catch (error) {
    throw asOurs(error)
  } finally {
    await connection.close()
  }
}

/** An error of the client library as one of ours; any other as it is. */
export const asOurs = (error: unknown): unknown => (isReply(error) ? errorOf(faultOf(error)) : error)

/** What the client library throws: a reply of Redis, or a connection that went away. */
const isReply = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'ReplyError' || /Connection is closed|isn't writeable|Command timed out/.test(error.message))
