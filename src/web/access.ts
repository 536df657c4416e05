import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Attempts, openAttempts } from './attempts.ts'

/** Who may look: the user and the password that are asked for by HTTP Basic. */
export type Credentials = { readonly user: string; readonly password: string }

/** What is known of a request before anything is done for it. */
export type Visit = {
  readonly headers: IncomingHttpHeaders
  /** The address it came from; undefined on a unix socket. */
  readonly remote: string | undefined
  /** Every address that the server listens on. */
  readonly bound: readonly string[]
}

/** Whether a request may see more than the health checks. */
export type Access =
  | { readonly kind: 'granted' }
  /** HTTP Basic is to be asked for. */
  | { readonly kind: 'unnamed' }
  /** Too many wrong passwords came from there: for so many seconds none is looked at. */
  | { readonly kind: 'waits'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly text: string; readonly line: string }

const LINE = 'heroku config:set MORROW_WEB_AUTH=user:password'
const OPEN_TO_OTHERS =
  'This page can be reached from other machines, so it shows nothing until a user and a password are configured in MORROW_WEB_AUTH.'
const OTHER_NAME =
  'This page is shown under the names localhost, 127.0.0.1 and [::1] only, until a user and a password are configured in MORROW_WEB_AUTH.'

/** What a proxy adds: behind one, the address of a request says nothing about who asks. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'] as const

/**
 * Decides on a request. With credentials everybody has to give them. Without, only this machine may look, and only under
 * a name of its own, since any web page can make a browser ask a loopback address under another (DNS rebinding).
 */
export function judge(visit: Visit, credentials: Credentials | undefined, attempts: Attempts = openAttempts()): Access {
  if (credentials !== undefined) return identify(visit, credentials, attempts)
  const { headers, remote, bound } = visit
  const own = bound.every(isLoopback) && remote !== undefined && isLoopback(remote)
  if (!own || FORWARDED.some((name) => headers[name] !== undefined)) {
    return { kind: 'refused', text: OPEN_TO_OTHERS, line: LINE }
  }
  return isOwnName(headers.host) ? { kind: 'granted' } : { kind: 'refused', text: OTHER_NAME, line: LINE }
}

/** What is not looked at says nothing, so the right password waits too. */
function identify({ headers, remote }: Visit, credentials: Credentials, attempts: Attempts): Access {
  const given = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (given === undefined) return { kind: 'unnamed' }
  const visitor = { remote, forwardedFor: headers['x-forwarded-for']?.toString() }
  const seconds = attempts.waitFor(visitor)
  if (seconds > 0) return { kind: 'waits', seconds }
  const right = isRight(given, credentials)
  attempts[right ? 'right' : 'wrong'](visitor)
  return { kind: right ? 'granted' : 'unnamed' }
}

/** Whether an address belongs to this machine alone. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || address === 'localhost' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address)

const isOwnName = (host: string | undefined): boolean =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host ?? '')

/** Both sides are hashed, so that neither the length nor the first wrong letter shows in the time it takes. */
function isRight(encoded: string, { user, password }: Credentials): boolean {
  const given = Buffer.from(encoded, 'base64')
  const wanted = Buffer.from(`${user}:${password}`)
  return timingSafeEqual(digest(given), digest(wanted))
}

const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
