import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** Starts a private server on loopback, in memory only, and answers how to reach it and what it costs. */
export async function startRedis(path) {
  const directory = mkdtempSync(join(tmpdir(), 'morrow-bench-'))
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory]
  const server = spawn(path, flags, { stdio: ['ignore', 'ignore', 'inherit'] })
  const end = () => {
    server.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.on('exit', end)
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  await client.ping()
  const info = async () => {
    const text = await client.info()
    return (name) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '0'
  }
  return {
    address: { host: '127.0.0.1', port, url: `redis://127.0.0.1:${port}` },
    directory,
    version: (await info())('redis_version'),
    /** Everything gone: keys, scripts, and the processes' connections have ended before. */
    async empty() {
      await client.flushall()
      await client.script('FLUSH')
    },
    /** What its main thread has used so far, in microseconds. */
    async cpuMicros() {
      const of = await info()
      return 1e6 * (Number(of('used_cpu_user_main_thread')) + Number(of('used_cpu_sys_main_thread')))
    },
    /** Its memory but for what connections and scripts take. */
    async dataBytes() {
      const of = await info()
      return Number(of('used_memory')) - Number(of('mem_clients_normal')) - Number(of('used_memory_scripts'))
    },
    async stop() {
      client.disconnect()
      server.kill('SIGTERM')
      if (server.exitCode === null && server.signalCode === null)
        await Promise.race([once(server, 'exit'), pause(2_000)])
      end()
    },
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
