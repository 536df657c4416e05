import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Service, service } from '../lifecycle/service.ts'
import { type Access, type Credentials, judge } from './access.ts'
import { type Attempts, openAttempts } from './attempts.ts'
import { ListenError } from './errors.ts'

/** Where a server listens, and which setting says the port. */
export type ListenParts = { readonly host: string; readonly port: number; readonly setting: 'PORT' | 'HEALTH_PORT' }

/** A server as a service that knows where it listens. */
export type ServerService = Service & {
  /** Where it answers, `http://127.0.0.1:5678`; undefined until it has started. */
  url(): string | undefined
  /** The server itself, for tests that ask it without a network. */
  readonly app: FastifyInstance
}

/** A bare server with tight limits: nothing that is asked here is large or slow, and what is no request hears no echo of it. */
export const bareServer = (): FastifyInstance =>
  Fastify({
    logger: false,
    frameworkErrors: ({ statusCode = 400 }, _request, { raw }) => {
      raw.writeHead(statusCode, { ...SAFE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' })
      raw.end('That is no address here.\n')
    },
    bodyLimit: 65_536,
    connectionTimeout: 30_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 10_000,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
  })

/** A service that listens from start to stop; ListenError when the port cannot be had. */
export function serverService(name: string, app: FastifyInstance, { host, port, setting }: ListenParts): ServerService {
  let url: string | undefined
  const life = service({
    name,
    start: async () => {
      try {
        url = await app.listen({ host, port })
      } catch (error) {
        throw new ListenError(setting, host, port, error)
      }
    },
    stop: () => app.close(),
  })
  return { ...life, url: () => url, app }
}

const counted = new WeakMap<Credentials, Attempts>()

/** One count for all that asks for the same password here. */
function attemptsAt(credentials: Credentials | undefined): Attempts {
  const known = credentials && counted.get(credentials)
  if (known) return known
  const attempts = openAttempts()
  if (credentials) counted.set(credentials, attempts)
  return attempts
}

/** Whether a request may see more than the health checks. */
export function accessOf({ server, headers, socket }: FastifyRequest, credentials: Credentials | undefined): Access {
  const bound = server.addresses().map((each) => (typeof each === 'string' ? each : each.address))
  return judge({ headers, remote: socket.remoteAddress, bound }, credentials, attemptsAt(credentials))
}

/** Sends whoever may not look away with the reason; answers whether the request may go on. */
export function admit(request: FastifyRequest, reply: FastifyReply, credentials: Credentials | undefined): boolean {
  const access = accessOf(request, credentials)
  if (access.kind === 'granted') return true
  reply.type('text/plain; charset=utf-8')
  if (access.kind === 'unnamed') {
    reply.code(401).header('WWW-Authenticate', 'Basic realm="Morrow", charset="UTF-8"')
    reply.send('Expected the user and the password of MORROW_WEB_AUTH.\n')
  } else if (access.kind === 'waits') {
    const { seconds } = access
    reply.code(429).header('Retry-After', String(seconds))
    reply.send(`Too many wrong passwords came from this address: none is looked at for ${seconds} s.\n`)
  } else reply.code(403).send(`${access.text}\n\nOn Heroku, type:\n\n  ${access.line}\n`)
  return false
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** What every answer carries: nothing is run, framed, cached or told to others. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
}
