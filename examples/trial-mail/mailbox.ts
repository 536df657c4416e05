import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { html, type Markup, shell } from './html.ts'

/** A mail as it arrived. */
export type Received = {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly at: Date
  /** How often the same Message-ID came again: a mail provider that is told an idempotency key sends it once. */
  readonly repeats: number
}

/** A mail server that delivers nothing and shows everything; for loopback only. */
export type Mailbox = {
  received(): readonly Received[]
  close(): Promise<void>
}

const KEPT = 200
const LARGEST = 1_000_000

/** Opens a mail server on a port of loopback. */
export async function openMailbox(port: number): Promise<Mailbox> {
  let mails: readonly Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST,
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (stream.sizeExceeded) return callback(new Error(`expected at most ${LARGEST} bytes`))
        mails = withMail(mails, parse(Buffer.concat(chunks).toString('utf8')))
        callback()
      })
    },
  })
  // A client that breaks off is no reason to end the shop.
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  return { received: () => mails, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

function withMail(mails: readonly Received[], mail: Received): readonly Received[] {
  const known = mails.find(({ id }) => id !== '' && id === mail.id)
  if (known === undefined) return [mail, ...mails].slice(0, KEPT)
  return mails.map((each) => (each === known ? { ...each, repeats: each.repeats + 1 } : each))
}

function parse(raw: string): Received {
  const cut = raw.indexOf('\r\n\r\n')
  const head = raw.slice(0, cut).replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string): string => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  const body = decode(raw.slice(cut + 4), header('content-transfer-encoding').toLowerCase())
  return {
    id: header('message-id'),
    to: header('to'),
    subject: header('subject'),
    text: body.trim(),
    at: new Date(),
    repeats: 0,
  }
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r?\n/g, '')
    .replace(/=([\dA-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The mailbox as a page, the newest mail first. */
export function mailboxPage(mails: readonly Received[]): string {
  const shown = mails.map(article)
  const empty = html`<p>No mail yet. <a href="/">Sign up</a> with the switch "make it three seconds", and look here.</p>`
  return shell('Mailbox', mails.length === 0 ? empty : html`${shown}`, true)
}

const article = ({ id, to, subject, text, at, repeats }: Received): Markup => html`<article>
<h2>${subject}</h2>
<p class="soft">to ${to}, received <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>${repeats > 0 ? `; came ${repeats} more times and was kept once` : ''}<br>${id}</p>
<pre>${text}</pre>
</article>
`
