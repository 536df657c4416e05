import { ConfigError } from './config-error.ts'
import { ALL_QUEUES, parseQueues, type QueueOrder } from './config-queues.ts'
import {
  parseClusterUrls,
  parseRedisUrl,
  parseSentinels,
  parseTls,
  type RedisConfig,
  type TlsConfig,
} from './config-redis.ts'
import { createSource, type Environment, type Origin, type Source } from './config-source.ts'
import {
  bytes,
  durationFrom,
  flag,
  integer,
  name,
  oneOf,
  releaseNumber,
  text,
  userAndPassword,
  type WebAuth,
} from './config-values.ts'
import { type Duration, duration } from './time/clock.ts'
import { DAY, HOUR, LONGEST, MINUTE, SECOND } from './time/duration.ts'
import { zoneOf } from './time/zone.ts'

export { ConfigError } from './config-error.ts'
export { parseQueues, type QueueEntry, type QueueOrder } from './config-queues.ts'
export { describeRedis, maskUrl, type RedisConfig, type TlsConfig } from './config-redis.ts'
export type { Environment, Origin } from './config-source.ts'
export type { WebAuth } from './config-values.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const REDIS_MODES = ['standalone', 'sentinel', 'cluster'] as const

/** How much is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Everything that can be configured from outside, checked and frozen. docs/configuration.md has a line on each. */
export type Config = {
  readonly redis: RedisConfig
  readonly port: number
  readonly host: string
  readonly queues: QueueOrder
  readonly concurrency: number
  readonly shutdownTimeout: Duration
  /** The port of a worker's or scheduler's own health checks; none unless set. */
  readonly healthPort: number | undefined
  readonly logLevel: LogLevel
  readonly prefix: string
  readonly app: string
  readonly environment: string
  /** The number that the deployment gives to its schedule files; counted unless set. */
  readonly generation: number | undefined
  readonly webAuth: WebAuth | undefined
  /** Leaves the line of flags out of scripts, for a server that does not know it. */
  readonly flagless: boolean
  readonly allowEviction: boolean
  /** The folder of the schedule files. */
  readonly schedules: string
  readonly lease: Duration
  readonly maxBlock: Duration
  readonly unknownFor: Duration
  /** In bytes. */
  readonly payloadLimit: number
  readonly timeZone: string
  /** The file that says the jobs and handlers; looked for in the working directory unless said. */
  readonly config: string | undefined
  /** Where each setting came from, by its name here (Redis' own: redisUrl, redisTls, …). */
  readonly origins: Readonly<Record<string, Origin>>
  /** Sentences to print at the start: nothing is refused, but somebody should know. */
  readonly warnings: readonly string[]
}

type Plain = string | number | boolean

/** Settings as a file or the flags of a command give them: raw, by the names of Config; `redisUrl` and its kin stand for `redis`. */
export type Settings = {
  readonly [Key in Exclude<keyof Config, 'redis' | 'origins' | 'warnings' | 'queues'>]?: Plain | undefined
} & {
  readonly queues?: string | readonly string[] | undefined
  readonly redisUrl?: string | undefined
  readonly redisMode?: string | undefined
  readonly redisSentinels?: string | undefined
  readonly redisSentinelName?: string | undefined
  readonly redisTls?: string | undefined
}

/**
 * Reads the whole configuration: flags over environment over file over default. Throws ConfigError with every fault at
 * once. That Redis is unset is none yet, since not every command needs one: see `requireRedis`.
 */
export function readConfig(environment: Environment = process.env, flags: Settings = {}, file: Settings = {}): Config {
  const source = createSource(environment, flags, file)
  const settings = { redis: readRedis(source), ...readSettings(source) }
  const warnings = source.unknown()
  if (source.faults.length > 0) throw new ConfigError(source.faults)
  return Object.freeze({ ...settings, origins: Object.freeze(source.origins), warnings: Object.freeze(warnings) })
}

const port = integer(0, 65_535)
const span = (least: number, most: number) => durationFrom(duration(least), duration(most))
const ms = duration

function readSettings({ read, environment, faults }: Source): Omit<Config, 'redis' | 'origins' | 'warnings'> {
  const prefix = read('prefix', ['MORROW_PREFIX'], name, 'morrow')
  if (environment['QUEUES'] && environment['QUEUE'] && environment['QUEUES'] !== environment['QUEUE']) {
    faults.push('QUEUE: QUEUES is set too, and says something else; keep one of them')
  }
  return {
    port: read('port', ['PORT'], port, 5_678),
    host: read('host', ['HOST'], text, '127.0.0.1'),
    queues: read('queues', ['QUEUES', 'QUEUE'], parseQueues, ALL_QUEUES),
    concurrency: read('concurrency', ['CONCURRENCY'], integer(1, 10_000), 10),
    shutdownTimeout: read('shutdownTimeout', ['SHUTDOWN_TIMEOUT'], span(0, DAY), ms(25 * SECOND)),
    healthPort: read('healthPort', ['HEALTH_PORT'], port, undefined),
    logLevel: read('logLevel', ['LOG_LEVEL'], oneOf(LOG_LEVELS), 'info'),
    prefix,
    app: read('app', ['MORROW_APP'], name, prefix),
    environment: read('environment', ['MORROW_ENV', 'NODE_ENV'], name, 'development'),
    generation: read('generation', ['MORROW_GENERATION', 'HEROKU_RELEASE_VERSION'], releaseNumber, undefined),
    webAuth: read('webAuth', ['MORROW_WEB_AUTH'], userAndPassword, undefined),
    flagless: read('flagless', ['MORROW_REDIS_FLAGLESS'], flag, false),
    allowEviction: read('allowEviction', ['MORROW_ALLOW_EVICTION'], flag, false),
    schedules: read('schedules', ['MORROW_SCHEDULES'], text, 'schedules'),
    lease: read('lease', ['MORROW_LEASE'], span(SECOND, HOUR), ms(15 * SECOND)),
    maxBlock: read('maxBlock', ['MORROW_MAX_BLOCK'], span(SECOND, DAY), ms(MINUTE)),
    unknownFor: read('unknownFor', ['MORROW_UNKNOWN_FOR'], span(SECOND, LONGEST), ms(7 * DAY)),
    payloadLimit: read('payloadLimit', ['MORROW_PAYLOAD_LIMIT'], bytes(1_024, 64 * 1_048_576), 256 * 1_024),
    timeZone: read('timeZone', ['MORROW_TZ'], (raw, what) => zoneOf(raw, what).name, 'UTC'),
    config: read('config', ['MORROW_CONFIG'], text, undefined),
  }
}

function readRedis(source: Source): RedisConfig {
  const { read } = source
  const sentinels = read('redisSentinels', ['MORROW_REDIS_SENTINELS'], parseSentinels, undefined)
  const primary = read('redisSentinelName', ['MORROW_REDIS_SENTINEL_NAME'], text, undefined)
  const usual = sentinels === undefined ? 'standalone' : 'sentinel'
  const mode = read('redisMode', ['MORROW_REDIS_MODE'], oneOf(REDIS_MODES), usual)
  const tls = read('redisTls', ['MORROW_REDIS_TLS'], parseTls, { kind: 'verify' } as const)
  const provider = read('redisProvider', ['MORROW_REDIS_PROVIDER'], variableName, undefined)
  const parse = mode === 'cluster' ? parseClusterUrls : (raw: unknown, what: string) => [parseRedisUrl(raw, what)]
  const urls = read('redisUrl', [provider ?? 'REDIS_URL'], parse, undefined)
  const [url] = urls ?? []
  source.faults.push(...redisFaults(source.origins, mode, tls, url, provider))
  if (mode === 'sentinel') return { kind: mode, sentinels: sentinels ?? [], name: primary ?? '', url, tls }
  if (urls === undefined || url === undefined) return { kind: 'unset' }
  return mode === 'cluster' ? { kind: mode, urls, tls } : { kind: mode, url, tls }
}

/** What is wrong between settings of Redis that are right on their own. */
function redisFaults(
  origins: Readonly<Record<string, Origin>>,
  mode: RedisConfig['kind'],
  tls: TlsConfig,
  url: string | undefined,
  provider: string | undefined,
): readonly string[] {
  const isSet = (key: string): boolean => origins[key] !== 'default'
  const faults: string[] = []
  if (provider !== undefined && !isSet('redisUrl'))
    faults.push(`MORROW_REDIS_PROVIDER: names ${provider}, which is not set`)
  // `insecure` alone may stay set where a plain Redis serves, as on the machine of a developer.
  if (url?.startsWith('rediss:') === false && isSet('redisTls') && tls.kind !== 'insecure') {
    faults.push(
      `MORROW_REDIS_TLS: is set, but ${provider ?? 'REDIS_URL'} does not ask for TLS; begin it with rediss://`,
    )
  }
  if (mode !== 'sentinel') {
    if (isSet('redisSentinels'))
      faults.push(`MORROW_REDIS_SENTINELS: is set beside MORROW_REDIS_MODE=${mode}; take one away`)
    return faults
  }
  if (!isSet('redisSentinels'))
    faults.push('MORROW_REDIS_SENTINELS: is not set; expected host:port,host:port of the Sentinels')
  if (!isSet('redisSentinelName'))
    faults.push('MORROW_REDIS_SENTINEL_NAME: is not set; expected what the Sentinels call the primary')
  return faults
}

function variableName(raw: unknown, what: string): string {
  if (/^[A-Za-z_]\w*$/.test(String(raw))) return String(raw)
  throw new ConfigError([`${what}: expected the name of the variable that holds the URL, such as REDISCLOUD_URL`])
}

/** Where Redis is, for whoever cannot do without: throws ConfigError that names REDIS_URL when nobody has said. */
export function requireRedis(config: Config): Exclude<RedisConfig, { readonly kind: 'unset' }> {
  if (config.redis.kind !== 'unset') return config.redis
  throw new ConfigError([
    'REDIS_URL: expected where Redis is, such as redis://127.0.0.1:6379 or unix:///path/to/redis.sock; it is not set, and no address is guessed',
  ])
}

/** The environment of this process with changes laid over it, for the processes that it starts. */
export const environmentWith = (changes: Environment): Environment => ({ ...process.env, ...changes })

/** Whether colours are wanted: FORCE_COLOR says so, NO_COLOR and TERM=dumb say no, else a terminal wants them. */
export function wantsColour(isTerminal: boolean, environment: Environment = process.env): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: kind } = environment
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTerminal && !none && kind !== 'dumb'
}
