// node embedded-redis.mjs FOLDER SOCKET: serves js-redis-server, installed under FOLDER, on a unix socket that only this
// user can open. Its own starter would listen on every interface without a password. Ends with the process that started it.
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , folder, path] = process.argv
const { resolve } = createRequire(join(folder, 'package.json'))
const parts = await import(pathToFileURL(resolve('js-redis-server/core')).href)
const { RedisServerState, SocketConnectionTransport, attachSession, createRedisCommandExecutor } = parts

const state = new RedisServerState({ databaseCount: 1 })
const executor = createRedisCommandExecutor({})
process.umask(0o077)
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  attachSession(new SocketConnectionTransport(socket), { state, executor, clientAddress: 'unix:0' })
})
server.listen(path, () => chmodSync(path, 0o700))

const end = () => {
  rmSync(path, { force: true })
  process.exit(0)
}
process.on('SIGTERM', end)
// Whoever started this keeps its standard input open; when that ends, so does this.
process.stdin.on('close', end).on('end', end).resume()
