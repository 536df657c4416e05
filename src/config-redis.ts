import { ConfigError } from './config-error.ts'
import { excerpt, nearest } from './errors.ts'

/** How the certificate of a `rediss://` server is judged: by the usual authorities, not at all, by one authority, by its print. */
export type TlsConfig =
  | { readonly kind: 'verify' }
  | { readonly kind: 'insecure' }
  | { readonly kind: 'ca'; readonly path: string }
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  | { readonly kind: 'pin'; readonly sha256: string }

/** A host and a port. */
export type Address = { readonly host: string; readonly port: number }

/** Where Redis is, or that nobody has said. URLs hold credentials: show them through `maskUrl` only. */
export type RedisConfig =
  | { readonly kind: 'unset' }
  | { readonly kind: 'standalone'; readonly url: string; readonly tls: TlsConfig }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly Address[]
      /** What the Sentinels call the primary. */
      readonly name: string
      /** Its scheme, user, password and database count, its host does not. */
      readonly url: string | undefined
      readonly tls: TlsConfig
    }
  | { readonly kind: 'cluster'; readonly urls: readonly string[]; readonly tls: TlsConfig }

/** A Redis URL as it may be shown: without user, password and options, whatever is wrong with it. */
export function maskUrl(url: string): string {
  const [, scheme = '', rest = url] = /^([a-z][a-z+]*:\/\/)(.*)$/is.exec(url.trim()) ?? []
  // Everything up to the last @ goes: a password with an unescaped @, / or comma must not show its tail.
  return `${scheme}${rest.slice(rest.lastIndexOf('@') + 1).replace(/[?#].*$/s, '')}`
}

/** Where Redis is, as it may be shown in a start line or an error. */
export function describeRedis(redis: RedisConfig): string {
  switch (redis.kind) {
    case 'unset':
      return 'no Redis'
    case 'standalone':
      return maskUrl(redis.url)
    case 'sentinel':
      return `${redis.name} by sentinels ${redis.sentinels.map(({ host, port }) => `${host}:${port}`).join(',')}`
    case 'cluster':
      return `cluster ${redis.urls.map(maskUrl).join(',')}`
  }
}

const SCHEMES = ['redis', 'rediss', 'unix']
const FORMS = 'redis://host:6379/0, rediss://user:password@host:6379 (TLS) or the path of a unix socket'

/** Checks the URL of one Redis; throws ConfigError, which never shows credentials. */
export function parseRedisUrl(raw: unknown, what: string): string {
  const given = String(raw).trim()
  const socket = /^(?:unix:(?:\/\/)?)?(\/.+)$/.exec(given)?.[1]
  if (socket !== undefined) return `unix://${socket}`
  const fail = (why: string): ConfigError =>
    new ConfigError([`${what}: expected ${FORMS}, got ${maskUrl(given) || excerpt(given)}: ${why}`])
  const scheme = /^([a-z][a-z+]*):/i.exec(given)?.[1]?.toLowerCase()
  if (scheme === undefined || !SCHEMES.includes(scheme)) {
    const meant = nearest(scheme ?? '', SCHEMES)
    throw fail(meant === undefined ? 'it must begin with redis:// or rediss://' : `did you mean ${meant}://?`)
  }
  const url = parsed(given)
  if (url === undefined || url.hostname === '')
    throw fail('write other characters of a password as %2F (/), %23 (#), %40 (@)')
  if (url.hostname.includes(',')) throw fail('several nodes need MORROW_REDIS_MODE=cluster')
  if (!/^\/?(\d{1,4})?$/.test(url.pathname)) throw fail('after the port may stand / and the number of a database only')
  // What asks for TLS is told by its scheme elsewhere.
  return `${scheme}${given.slice(scheme.length)}`
}

function parsed(given: string): URL | undefined {
  try {
    const url = new URL(given)
    decodeURIComponent(url.username + url.password)
    return url
  } catch {
    return undefined
  }
}

/** Reads the nodes of a cluster, `rediss://user:password@a:6379,b:6379`; what the first says of scheme and login holds for all. */
export function parseClusterUrls(raw: unknown, what: string): readonly string[] {
  const [first = '', ...others] = String(raw)
    .split(',')
    .map((part) => part.trim())
  const [login = 'redis://'] = /^[a-z]+:\/\/(?:.*@)?/i.exec(first) ?? []
  const urls = [first, ...others.map((other) => (other.includes('://') ? other : login + other))]
  return urls.map((url) => {
    const checked = parseRedisUrl(url, what)
    if (checked.startsWith('unix:')) throw new ConfigError([`${what}: a cluster cannot be reached by a unix socket`])
    if (!/^\/?0?$/.test(new URL(checked).pathname))
      throw new ConfigError([`${what}: a cluster has database 0 only, got ${maskUrl(url)}`])
    return checked
  })
}

/** Reads `a:26379,b,c`; the port is 26379 unless said. */
export function parseSentinels(raw: unknown, what: string): readonly Address[] {
  return String(raw)
    .split(',')
    .map((part) => {
      const url = /^[\w.[\]:-]+$/.test(part.trim()) ? parsed(`redis://${part.trim()}`) : undefined
      if (url === undefined || url.hostname === '') {
        throw new ConfigError([`${what}: expected host:port,host:port of the Sentinels, got ${excerpt(maskUrl(part))}`])
      }
      return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 26_379) }
    })
}

/** Reads `verify`, `insecure`, `ca:PATH` or `pin:SHA256` (the print as openssl writes it, with or without colons). */
export function parseTls(raw: unknown, what: string): TlsConfig {
  const [, kind, detail] = /^(\w+)(?::(.*))?$/s.exec(String(raw).trim()) ?? []
  const fail = (why: string): ConfigError =>
    new ConfigError([`${what}: expected verify, insecure, ca:PATH or pin:SHA256, ${why}`])
  if (detail === undefined && (kind === 'verify' || kind === 'insecure')) return { kind }
  if (kind === 'ca' && detail) return { kind, path: detail }
  if (kind !== 'pin') throw fail(`got ${excerpt(raw)}`)
  const sha256 = (detail ?? '').replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(sha256)) return { kind, sha256 }
  throw fail(
    `got pin: with ${sha256.length} characters instead of 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 prints them`,
  )
}
