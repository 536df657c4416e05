import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, type ClientOptions, createClient } from '../../src/index.ts'
import { fromSource, projectRoot, type RunningProcess, startProcess } from '../support/processes.ts'
import { freePrefix } from '../support/redis.ts'
import { until } from './crew.ts'
import { post } from './programs/post.ts'

/** Where Redis is, as a client is told and as the environment says it. */
export type Place = Pick<ClientOptions, 'redisUrl' | 'redisMode' | 'redisSentinels' | 'redisSentinelName' | 'redisTls'>

/** Real processes of every role, with three queues and a schedule for each. */
export type Office = {
  readonly client: Client
  readonly prefix: string
  /** Starts a worker, a scheduler and a page, and answers when all run. */
  open(): Promise<Staff>
  /** Puts a job for each label, in turn into each queue, every second one for later; answers when all are acknowledged. */
  put(labels: readonly string[]): Promise<void>
  /** Waits until every label has run, and answers those that ran more than once. */
  ran(labels: readonly string[]): Promise<readonly string[]>
  /** The ticks that have run so far, `label@instant`. */
  ticks(): readonly string[]
  /** How many acknowledged jobs the client was told to be lost. */
  lost(): number
}

/** The processes of an office. */
export type Staff = { readonly worker: RunningProcess; readonly scheduler: RunningProcess; readonly url: string }

/** A namespace of its own at that place. */
export function openOffice(context: TestContext, place: Place): Office {
  const prefix = freePrefix()
  const directory = mkdtempSync(join(tmpdir(), 'morrow-office-'))
  const ledger = join(directory, 'ledger')
  writeFileSync(ledger, '')
  writeSchedules(join(directory, 'schedules'))
  let lost = 0
  const client = createClient({
    ...place,
    prefix,
    onEvent: (event) => {
      if (event.kind === 'store.rolledBack') lost += event.lost
    },
  })
  context.after(async () => {
    await client.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const env = { ...environmentOf(place), MORROW_PREFIX: prefix, LEDGER: ledger, PORT: '0', LOG_LEVEL: 'warn' }
  const lines = (): readonly string[] => readFileSync(ledger, 'utf8').split('\n').filter(Boolean)
  return {
    client,
    prefix,
    open: () => open(context, { ...env, MORROW_SCHEDULES: join(directory, 'schedules') }),
    put: (labels) => put(client, labels),
    ran: async (labels) => {
      const missing = (): readonly string[] => {
        const seen = new Set(lines())
        return labels.filter((label) => !seen.has(label))
      }
      await until('all jobs to run', () => missing().length === 0).catch(() => undefined)
      if (missing().length > 0) throw new Error(`expected all jobs to run, but these did not: ${missing().join(' ')}`)
      return lines().filter((line, index, all) => all.indexOf(line) !== index)
    },
    ticks: () => lines().filter((line) => line.includes('@')),
    lost: () => lost,
  }
}

const environmentOf = ({ redisUrl, redisMode, redisSentinels, redisSentinelName, redisTls }: Place) => ({
  REDIS_URL: redisUrl,
  MORROW_REDIS_MODE: redisMode,
  MORROW_REDIS_SENTINELS: redisSentinels,
  MORROW_REDIS_SENTINEL_NAME: redisSentinelName,
  MORROW_REDIS_TLS: redisTls,
})

function writeSchedules(folder: string): void {
  mkdirSync(folder)
  const lines = post.map(
    ({ name }) => `  every-${name}: { every: 1 s, job: ${name}, payload: { label: tick-${name} } }`,
  )
  writeFileSync(join(folder, 'all.yml'), ['schedules:', ...lines, ''].join('\n'))
}

async function open(context: TestContext, env: Readonly<Record<string, string | undefined>>): Promise<Staff> {
  const start = async (role: string): Promise<{ readonly process: RunningProcess; readonly said: string }> => {
    const program = fromSource(join(projectRoot, 'test/process/programs/post-roles.ts'))
    const process = startProcess(context, { arguments: program, env: { ...env, ROLE: role } })
    const [, said = ''] = await process.line(/^running (.*)/, 30_000)
    return { process, said }
  }
  const [worker, scheduler, web] = await Promise.all([start('worker'), start('scheduler'), start('web')])
  return { worker: worker.process, scheduler: scheduler.process, url: web.said }
}

/** How long nobody may serve, in milliseconds. */
const PATIENCE = 30_000

/** A call whose outcome is unknown, or that was refused while nobody served, is repeated by its own id. */
async function put(client: Client, labels: readonly string[]): Promise<void> {
  const send = async (label: string, n: number): Promise<void> => {
    const job = post[n % post.length] ?? post[0]
    const end = performance.now() + PATIENCE
    while (true) {
      try {
        if (n % 2 === 0) await client.enqueue(job, { label }, { id: label })
        else await client.schedule(job, { label }, { in: '300 ms', id: label })
        return
      } catch (error) {
        if (performance.now() > end) throw error
        await pause(100)
      }
    }
  }
  for (let from = 0; from < labels.length; from += 20) {
    await Promise.all(labels.slice(from, from + 20).map((label, n) => send(label, from + n)))
    await pause(5)
  }
}
