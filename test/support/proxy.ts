import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { frames, isPush } from './resp-frame.ts'

/**
 * Where a connection is cut, seen from one command: `unsent` (Redis never sees it), `sent` (forwarded, its reply not
 * waited for), `executed` (Redis has answered, the reply is thrown away), `answered` (the reply has been delivered).
 */
export type CutPoint = 'unsent' | 'sent' | 'executed' | 'answered'

/** Which command a cut is about: the `nth` from now (1 unless said) of those whose bytes match `of`. */
export type CutTarget = { readonly nth?: number; readonly of?: RegExp }

/** A TCP proxy before Redis that loses what a network can lose, at the moment a test chooses. */
export type Proxy = {
  readonly url: string
  readonly port: number
  /** Connections open now, and accepted since the start. */
  open(): number
  accepted(): number
  /** Commands that have arrived from clients since the start. */
  commands(): number
  /** Forwards everything again; what a black hole held back arrives now, late, as TCP would bring it. */
  pass(): void
  /** From now on nothing goes either way, while connections stay open and new ones are accepted; `cutAll` loses what it holds. */
  blackHole(): void
  /** From now on new connections are closed at once; the open ones are cut. */
  refuse(): void
  /** Cuts all open connections now. */
  cutAll(): void
  /** Cuts the connection of one command at that point; resolves when it is cut. */
  cut(point: CutPoint, target?: CutTarget): Promise<void>
  /** Cuts the connection that carries the n-th byte from now towards Redis, right after that byte; resolves then. */
  cutAfterBytes(count: number): Promise<void>
  close(): Promise<void>
}

type Cut = { readonly point: CutPoint; readonly of: RegExp | undefined; left: number; readonly done: () => void }
type ByteCut = { left: number; readonly done: () => void }
/** Commands whose answer is a push under RESP3, and so no reply that could be counted. */
const SUBSCRIPTION = /^\*\d+\r\n\$\d+\r\n[ps]?(un)?subscribe\r/i

type Mode = 'pass' | 'hole' | 'refuse'

type State = {
  mode: Mode
  cut: Cut | undefined
  bytes: ByteCut | undefined
  accepted: number
  commands: number
  readonly links: Set<Link>
}

/** One client's connection with its twin to Redis; `due` counts the replies that are still to come, cuts among them. */
type Link = {
  readonly client: Socket
  readonly server: Socket
  readonly due: (Cut | undefined)[]
  fromClient: Buffer
  fromServer: Buffer
}

/** Starts a proxy on a free port of loopback before the Redis on `target` (a port of loopback). Close it at the test's end. */
export async function startProxy(target: number): Promise<Proxy> {
  const state: State = { mode: 'pass', cut: undefined, bytes: undefined, accepted: 0, commands: 0, links: new Set() }
  const listener = createServer((client) => accept(state, client, target)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  listener.unref()
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  const cutAll = (): void => {
    for (const link of [...state.links]) cutLink(state, link)
  }
  return {
    url: `redis://127.0.0.1:${address.port}`,
    port: address.port,
    open: () => state.links.size,
    accepted: () => state.accepted,
    commands: () => state.commands,
    pass: () => {
      state.mode = 'pass'
      for (const { client, server } of state.links) {
        client.resume()
        server.resume()
      }
    },
    blackHole: () => {
      state.mode = 'hole'
      for (const link of state.links) freeze(link)
    },
    refuse: () => {
      state.mode = 'refuse'
      cutAll()
    },
    cutAll,
    cut: (point, { nth = 1, of } = {}) =>
      new Promise((done) => {
        state.cut = { point, of, left: nth, done }
      }),
    cutAfterBytes: (count) =>
      new Promise((done) => {
        state.bytes = { left: count, done }
      }),
    close: async () => {
      cutAll()
      listener.close()
      await once(listener, 'close')
    },
  }
}

function freeze(link: Link): void {
  link.client.pause()
  link.server.pause()
}

function accept(state: State, client: Socket, target: number): void {
  state.accepted += 1
  if (state.mode === 'refuse') {
    client.destroy()
    return
  }
  const server = connect({ port: target, host: '127.0.0.1' })
  const link: Link = { client, server, due: [], fromClient: Buffer.alloc(0), fromServer: Buffer.alloc(0) }
  state.links.add(link)
  client.setNoDelay(true)
  server.setNoDelay(true)
  for (const socket of [client, server]) {
    // A proxy that a failed test forgot must not keep the test's process alive.
    socket.unref()
    socket.on('error', () => undefined)
    socket.on('close', () => cutLink(state, link))
  }
  client.on('data', (chunk) => takeCommands(state, link, chunk))
  server.on('data', (chunk) => takeReplies(state, link, chunk))
  if (state.mode === 'hole') freeze(link)
}

function takeCommands(state: State, link: Link, chunk: Buffer): void {
  const { whole, rest } = frames(Buffer.concat([link.fromClient, chunk]))
  link.fromClient = rest
  for (const command of whole) {
    if (!state.links.has(link)) return
    state.commands += 1
    const cut = hit(state, command)
    if (cut?.point !== 'unsent') forward(state, link, command)
    if (cut?.point === 'unsent' || cut?.point === 'sent') {
      endLink(state, link, cut.done)
      return
    }
    if (!SUBSCRIPTION.test(command.toString('latin1', 0, 40))) link.due.push(cut)
  }
}

function hit(state: State, command: Buffer): Cut | undefined {
  const { cut } = state
  if (cut === undefined || (cut.of !== undefined && !cut.of.test(command.toString('latin1')))) return undefined
  cut.left -= 1
  if (cut.left > 0) return undefined
  state.cut = undefined
  return cut
}

function forward(state: State, link: Link, command: Buffer): void {
  const { bytes } = state
  if (bytes === undefined || bytes.left > command.length) {
    if (bytes !== undefined) bytes.left -= command.length
    link.server.write(command)
    return
  }
  state.bytes = undefined
  link.server.write(command.subarray(0, bytes.left))
  endLink(state, link, bytes.done)
}

function takeReplies(state: State, link: Link, chunk: Buffer): void {
  const { whole, rest } = frames(Buffer.concat([link.fromServer, chunk]))
  link.fromServer = rest
  for (const reply of whole) {
    const cut = isPush(reply) ? undefined : link.due.shift()
    if (cut?.point !== 'executed') link.client.write(reply)
    if (cut !== undefined) {
      endLink(state, link, cut.done)
      return
    }
  }
}

/** Cuts after what has been written has left: `end` flushes, and both sides see the connection close. */
function endLink(state: State, link: Link, done: () => void): void {
  state.links.delete(link)
  link.client.removeAllListeners('data').resume()
  link.server.removeAllListeners('data').resume()
  link.client.end()
  link.server.end(done)
}

function cutLink(state: State, link: Link): void {
  state.links.delete(link)
  link.client.destroy()
  link.server.destroy()
}
