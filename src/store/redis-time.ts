import type { StoreParts } from './queue.ts'
import { texts } from './space.ts'

/** What time it is by Redis' clock, in milliseconds; a test's own time where it hands one in. */
export async function redisTime({ connection, now }: Pick<StoreParts, 'connection' | 'now'>): Promise<number> {
  const given = now()
  if (given !== '') return Number(given)
  const [seconds = '0', micros = '0'] = texts(await connection.command('TIME'))
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}
