import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { fakeClock } from './fake-clock.ts'
import { startProcess } from './processes.ts'
import { type CutPoint, startProxy } from './proxy.ts'
import { ask, freePrefix, startRedis } from './redis.ts'
import { startCluster } from './redis-cluster.ts'
import { frameEnd } from './resp-frame.ts'
import { until } from './until.ts'

const incr = (key: string): string => `*2\r\n$4\r\nINCR\r\n$${key.length}\r\n${key}\r\n`

/** What a client reads that sends INCR three times at once and then waits for the end of its connection. */
async function readsUntilCut(port: number, key: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', () => undefined)
  socket.write(incr(key).repeat(3))
  await once(socket, 'close')
  return text
}

test('a killed append-only server comes back on the same port with what it had acknowledged', async () => {
  const server = await startRedis({ appendOnly: true })
  assert.match(await ask(server.port, 'SET name value'), /^\+OK/)
  const before = server.pid
  await server.restart()
  assert.notEqual(server.pid, before)
  assert.equal(await ask(server.port, 'GET name'), '$5\r\nvalue\r\n')
  await server.stop()
})

test('a cluster of three nodes shares the slots', async () => {
  const cluster = await startCluster()
  assert.match(await ask(cluster.nodes[2]?.port ?? 0, 'CLUSTER INFO'), /cluster_size:3/)
  await cluster.stop()
})

test('the proxy cuts a connection at each point of the second of three pipelined commands', async () => {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  const seen: Record<string, unknown> = {}
  for (const point of ['unsent', 'sent', 'executed', 'answered'] satisfies CutPoint[]) {
    const key = freePrefix()
    const cut = proxy.cut(point, { nth: 2, of: /INCR/ })
    const text = await readsUntilCut(proxy.port, key)
    await cut
    const wanted = { unsent: '1', sent: '2', executed: '3', answered: '3' }[point]
    await until(
      `${point}: ${wanted} in Redis`,
      async () => (await ask(server.port, `GET ${key}`)) === `$1\r\n${wanted}\r\n`,
    )
    seen[point] = text.split('\r\n').filter(Boolean).at(-1) ?? 'nothing'
  }
  assert.deepEqual([seen['executed'], seen['answered']], [':1', ':2'])
  await proxy.close()
  await server.stop()
})

test('the proxy cuts after so many bytes, and Redis never sees the torn command', async () => {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  const cut = proxy.cutAfterBytes(incr('torn').length + 5)
  await readsUntilCut(proxy.port, 'torn')
  await cut
  await until('one INCR', async () => (await ask(server.port, 'GET torn')) === '$1\r\n1\r\n')
  await proxy.close()
  await server.stop()
})

test('what fell into the black hole arrives late when the proxy passes again', async () => {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  proxy.blackHole()
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  socket.write(incr('late'))
  await until('an accepted connection', () => proxy.accepted() === 1)
  assert.equal(await ask(server.port, 'GET late'), '$-1\r\n')
  proxy.pass()
  const [reply] = await once(socket, 'data')
  assert.equal(String(reply), ':1\r\n')
  proxy.refuse()
  await once(socket, 'close')
  assert.equal(proxy.open(), 0)
  await proxy.close()
  await server.stop()
})

test('the end of a frame is found in nested values, and not before it has arrived', () => {
  const text = '*2\r\n%1\r\n+a\r\n$3\r\nb\r\n\r\n|1\r\n+k\r\n:1\r\n*-1\r\n'
  for (let length = 0; length < text.length; length++) {
    assert.equal(frameEnd(Buffer.from(text.slice(0, length)), 0), undefined)
  }
  assert.equal(frameEnd(Buffer.from(`${text}+OK\r\n`), 0), text.length)
})

test('a child process can be watched, signalled and is killed with its own children', async (context) => {
  const script = 'echo one; sh -c "echo child \\$\\$; sleep 60" & echo two; wait'
  const child = startProcess(context, { command: 'sh', arguments: ['-c', script] })
  const grandchild = Number((await child.line(/^child (\d+)$/))[1])
  await assert.rejects(child.line(/^three/, 50), /expected a line like .*three.*but 50 ms passed; it wrote:\n/)
  await child.kill()
  assert.deepEqual(await child.exit, { code: null, signal: 'SIGKILL' })
  await until('the grandchild to be gone', async () => {
    const state = startProcess(context, { command: 'ps', arguments: ['-o', 'stat=', '-p', String(grandchild)] })
    await state.exit
    return state.stdout().trim() === '' || state.stdout().startsWith('Z')
  })
  await assert.rejects(child.line(/^four/), /the process ended \(SIGKILL\)/)
})

test('the fake clock wakes sleepers in order, each at its own instant', async () => {
  const clock = fakeClock()
  const start = clock.now()
  const woken: number[] = []
  const sleeper = async (rest: number): Promise<void> => {
    await clock.sleep(duration(rest))
    woken.push(clock.now() - start)
    if (rest === 10) await sleeper(15)
  }
  void sleeper(20)
  void sleeper(10)
  await clock.resting(2)
  await clock.advance(duration(30))
  assert.deepEqual(woken, [10, 20, 25])
  clock.step(duration(-1_000))
  assert.equal(clock.now() - start, -970)
  assert.equal(clock.monotonic(), 30)
})
