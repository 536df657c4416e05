import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { AbstractConnector, Redis } from 'ioredis'

/** How a server's certificate is judged. */
export type TlsChoice =
  | { readonly kind: 'verify' }
  | { readonly kind: 'insecure' }
  | { readonly kind: 'ca'; readonly path: string }
  | { readonly kind: 'pin'; readonly sha256: string }

/** The client library's TLS options for a URL; none when the URL does not ask for TLS. */
export function tlsFor(url: string, choice: TlsChoice): { readonly tls?: ConnectionOptions } {
  if (!url.startsWith('rediss:')) return {}
  switch (choice.kind) {
    case 'verify':
      return { tls: {} }
    case 'insecure':
    case 'pin':
      return { tls: { rejectUnauthorized: false } }
    case 'ca':
      return { tls: { ca: readFileSync(choice.path) } }
  }
}

/**
 * Ends every connection whose certificate is not the pinned one before anything is sent on it. Node asks
 * `checkServerIdentity` of trusted certificates only, so the print is compared here, ahead of the library's own listener:
 * that one then finds a socket on which nothing can be written.
 */
export function enforcePin(redis: Redis, choice: TlsChoice): Redis {
  if (choice.kind !== 'pin') return redis
  const pinned = choice.sha256.replaceAll(':', '').toLowerCase()
  const { connector } = redis as unknown as { readonly connector: AbstractConnector }
  const connect = connector.connect.bind(connector)
  connector.connect = async (tell) => {
    const stream = await connect(tell)
    stream.prependOnceListener('secureConnect', () => {
      const print = printOf(stream as TLSSocket)
      if (print !== pinned) stream.destroy(new Error(otherThanPinned(print)))
    })
    return stream
  }
  return redis
}

const printOf = (socket: TLSSocket): string =>
  createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex')

const otherThanPinned = (print: string): string =>
  `expected the certificate pinned by MORROW_REDIS_TLS, got one with the fingerprint ${print}`
