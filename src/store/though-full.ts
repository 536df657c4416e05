import type { Connection } from './connection.ts'
import type { Reply } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'

/** Carries out a small write on one key though Redis is full: so that processes can start and live, and the rest drains. */
export const thoughFull = (
  connection: Connection,
  command: string,
  key: string,
  ...values: readonly (string | number)[]
): Promise<Reply> => runOn(connection, scripts.thoughFull, [key], { args: { command }, rest: values.map(String) })
