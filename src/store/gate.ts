import type { Clock } from '../time/clock.ts'
import type { Connection } from './connection.ts'

/** A way to Redis that can be closed: from then on all that would be sent is refused with the reason given. */
export type Gate = { readonly connection: Connection; refuse(reason: Error | undefined): void }

/** Opens a gate before a connection; what listens for connects and losses goes on while it is closed. */
export function openGate(connection: Connection): Gate {
  let refused: Error | undefined
  const unlessRefused =
    <Given extends readonly unknown[], Answer>(send: (...given: Given) => Promise<Answer>) =>
    (...given: Given): Promise<Answer> =>
      refused ? Promise.reject(refused) : send(...given)
  return {
    connection: {
      ...connection,
      evalsha: unlessRefused(connection.evalsha),
      evalshaBuffer: unlessRefused(connection.evalshaBuffer),
      eval: unlessRefused(connection.eval),
      evalBuffer: unlessRefused(connection.evalBuffer),
      command: unlessRefused(connection.command),
    },
    refuse: (reason) => {
      refused = reason
    },
  }
}

/** How often one who is not kept among the living looks whether all is as it was, in milliseconds. */
export const LOOK_EVERY = 10_000

/** The same connection, on which `look` is called beside a script, at most every ten seconds. */
export function watchful(connection: Connection, clock: Clock, look: () => void): Connection {
  let lookedAt = clock.monotonic()
  return {
    ...connection,
    evalsha: (...given) => {
      if (clock.monotonic() - lookedAt >= LOOK_EVERY) {
        lookedAt = clock.monotonic()
        look()
      }
      return connection.evalsha(...given)
    },
  }
}
