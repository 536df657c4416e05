import { type Config, describeRedis, requireRedis } from '../config.ts'
import type { MorrowError } from '../errors.ts'
import { type Connection, createConnection, type RedisSettings } from '../store/connection.ts'
import { errorOf, faultOf, RedisDeniedError, RedisUnavailableError, RedisUnsuitableError } from '../store/errors.ts'

/** Where Redis is, and how this process speaks to it. */
export type Dialling = { readonly settings: RedisSettings; readonly where: string; readonly flagless: boolean }

/** What is known of a server that was found suitable. */
export type ServerFacts = { readonly version: string; readonly policy: string; readonly persistent: boolean }

/** How long one command may take unless said, in milliseconds. */
export const COMMAND_TIMEOUT = 2_000

/** Reads from the configuration where Redis is; ConfigError when nobody said. */
export const diallingOf = (config: Config): Dialling => ({
  settings: requireRedis(config),
  where: describeRedis(config.redis),
  flagless: config.flagless,
})

/** Opens a connection, or says why it cannot be opened and what to do. `timeout` is that of one command, in milliseconds. */
export async function dial(
  { settings, where, flagless }: Dialling,
  name: string,
  timeout = COMMAND_TIMEOUT,
): Promise<Connection> {
  const connection = createConnection(settings, { name, timeout, flagless })
  try {
    await connection.connect()
    return connection
  } catch (error) {
    throw connectFault(error, where)
  }
}

function connectFault(error: unknown, where: string): MorrowError {
  const fault = faultOf(error)
  if (fault.kind === 'refused' && fault.error instanceof RedisDeniedError) return fault.error
  const text = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (text.includes('pinned by MORROW_REDIS_TLS')) return new RedisUnavailableError(`${where}: ${text}`)
  if (/CERT|SELF_SIGNED|ALTNAME|certificate/i.test(`${code} ${text}`)) {
    return new RedisUnavailableError(
      `${where}: its certificate is refused (${code || text}); for a self-signed one (Heroku) set MORROW_REDIS_TLS=insecure, or better MORROW_REDIS_TLS=ca:PATH or pin:SHA256`,
    )
  }
  return new RedisUnavailableError(`${where}: ${text || code}`)
}

/** What Redis answers to a question at the start, or its refusal as an error of ours. */
export const answered = <Answer>(asked: Promise<Answer>): Promise<Answer> =>
  asked.catch((error: unknown) => {
    throw errorOf(faultOf(error))
  })

/** Checks version, role and eviction of the server; RedisUnsuitableError when jobs could get lost on it. */
export async function checkServer(connection: Connection, config: Config): Promise<ServerFacts> {
  const info = await answered(connection.command('INFO'))

  const of = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(info))?.[1] ?? ''
  const version = of('redis_version')
  if (Number(version.split('.')[0]) < 7) {
    throw new RedisUnsuitableError(`expected Redis 7.0 or newer, or Valkey, got ${version || 'an unknown version'}`)
  }
  const policy = of('maxmemory_policy')
  if (policy.startsWith('allkeys-') && !config.allowEviction) {
    throw new RedisUnsuitableError(
      `expected maxmemory-policy noeviction, got ${policy}: Redis would throw away jobs when it is full; set it to noeviction, or MORROW_ALLOW_EVICTION=1 to bear the loss`,
    )
  }
  if (of('role') === 'slave') throw new RedisUnsuitableError('expected a primary, got a replica: it takes no writes')
  return { version, policy, persistent: of('aof_enabled') === '1' || !/^0?$/.test(of('rdb_last_save_time')) }
}
