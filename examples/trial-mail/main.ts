import { parseArgs } from 'node:util'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { createClient, webPlugin } from 'morrow'
import { html, shell } from './html.ts'
import { jobs } from './jobs.ts'
import { type Mailbox, mailboxPage, openMailbox } from './mailbox.ts'
import { addShop } from './shop.ts'

const EX_CONFIG = 78

const SAFE = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const

const { values } = parseArgs({ options: { host: { type: 'string' }, port: { type: 'string' } } })
const host = values.host ?? process.env['HOST'] ?? '127.0.0.1'
const port = portOf('PORT', values.port ?? process.env['PORT'] ?? '5678')
const smtpPort = portOf('SMTP_PORT', process.env['SMTP_PORT'] ?? '2525')

const isLoopback = (address: string): boolean => /^(::1|localhost|(::ffff:)?127\.[\d.]+)$/.test(address)

/** The web process of the shop, with Morrow's page mounted under /morrow. */
function shop(mailbox: Mailbox | undefined): FastifyInstance {
  const client = createClient()
  const app = Fastify({ bodyLimit: 10_000, forceCloseConnections: true })
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SAFE)
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const status = statusOf(error)
    if (status >= 500) console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
    const text = status < 500 ? 'That was no request of ours.' : 'We cannot do that now. Try again in a moment.'
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(shell('Sorry', html`<p>${text}</p>`))
  })
  app.setNotFoundHandler((_request, reply) => {
    const page = shell('No such page', html`<p>There is the <a href="/">shop</a>.</p>`)
    return reply.code(404).type('text/html; charset=utf-8').send(page)
  })
  app.register(webPlugin({ client, jobs }), { prefix: '/morrow' })
  addShop(app, client)
  app.get('/mailbox', (request, reply) => {
    const isOpen = mailbox !== undefined && isLocal(request)
    const text = 'The mailbox is shown on the machine of a developer only.'
    const page = isOpen ? mailboxPage(mailbox.received()) : shell('No mailbox here', html`<p>${text}</p>`)
    return reply
      .code(isOpen ? 200 : 404)
      .type('text/html; charset=utf-8')
      .send(page)
  })
  app.addHook('onClose', () => client.close())
  return app
}

/** What the web framework refuses says which status is meant; all else is a fault of ours, or of Redis. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 503
  return status >= 400 && status < 500 ? status : 503
}

const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Asked from this machine, under a name of this machine, by no proxy. */
function isLocal({ socket, headers, hostname }: FastifyRequest): boolean {
  const direct = FORWARDED.every((name) => headers[name] === undefined)
  return direct && isLoopback(socket.remoteAddress ?? '') && isLoopback(hostname.replace(/^\[|\]$/g, ''))
}

function portOf(name: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  console.error(`${name}: expected a port from 0 to 65535, got ${text}`)
  process.exit(EX_CONFIG)
}

/** Ends the process with the port that is busy and what to type, or with what else went wrong. */
function refuse(name: string, wanted: number, error: unknown): never {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  const hint = `another program listens on port ${wanted}; end it, or type: ${name}=${wanted + 1} npm start`
  console.error(busy ? `${name}: ${hint}` : error)
  process.exit(busy ? EX_CONFIG : 1)
}

// Elsewhere mail goes to SMTP_URL; the sink is for this machine.
const mailbox =
  isLoopback(host) && process.env['SMTP_URL'] === undefined
    ? await openMailbox(smtpPort).catch((error: unknown) => refuse('SMTP_PORT', smtpPort, error))
    : undefined
const app = shop(mailbox)
const url = await app.listen({ host, port }).catch((error: unknown) => refuse('PORT', port, error))
console.log(`the shop is at ${url}, its mailbox at ${url}/mailbox, Morrow at ${url}/morrow`)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, async () => {
    if (stopping) return
    stopping = true
    await app.close()
    await mailbox?.close()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}
