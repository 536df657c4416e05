// One `npm start` at a time for a folder of data: two would share a Redis that the first one ends.
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { isOpen, socketIn } from './redis.mjs'

/**
 * Takes the turn for a folder until `done()`; undefined when another process has it. Who has it listens on a socket, which
 * nobody does any more after a kill, whatever file is left.
 */
export async function takeTurn(data) {
  mkdirSync(data, { recursive: true })
  const path = socketIn(data, 'start')
  if (await isOpen(path)) return undefined
  rmSync(path, { force: true })
  const server = createServer((socket) => socket.destroy())
  server.listen(path)
  try {
    await once(server, 'listening')
  } catch {
    return undefined
  }
  chmodSync(path, 0o700)
  server.unref()
  return { done: () => server.close() }
}

/** Waits until what watches over a killed start has ended its processes, of which Redis is the last one. */
export async function leftoversEnded(socket, say) {
  if (!(await isOpen(socket))) return
  say('a start before this one was killed; waiting for its processes to end')
  for (let attempt = 0; attempt < 300; attempt++) {
    if (!(await isOpen(socket))) return
    await pause(100)
  }
}
