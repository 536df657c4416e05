import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Client, createClient } from '../../src/index.ts'
import type { Connection } from '../../src/store/connection.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { connectTo } from '../store/test-queue.ts'
import { fromSource, projectRoot, type RunningProcess, startProcess } from '../support/processes.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { until as untilWithin } from '../support/until.ts'

/** One line of the ledger that the handlers write. */
export type Line = {
  readonly step: 'start' | 'end' | 'aborted'
  readonly label: string
  readonly attempt: number
  readonly fence: number
  readonly pid: number
  /** Milliseconds by Redis' clock after the job was due; of a start only. */
  readonly late: number
}

/** Real processes around one namespace, and what their handlers wrote. */
export type Crew = {
  readonly client: Client
  readonly store: Store
  readonly connection: Connection
  /** Starts a process and resolves when it runs. */
  start(roles: string, env?: Readonly<Record<string, string>>): Promise<RunningProcess>
  lines(): readonly Line[]
  /** Lets the handlers go on that wait for it. */
  go(): void
  /** How often each label was started, for those that were not started once. */
  notOnce(expected: readonly string[]): Readonly<Record<string, number>>
}

/** A namespace of its own on the tests' Redis, or on the one named. */
export async function openCrew(context: TestContext, given?: string): Promise<Crew> {
  const redisUrl = given ?? (await testRedisUrl())
  const prefix = freePrefix()
  const directory = mkdtempSync(join(tmpdir(), 'morrow-crew-'))
  const ledger = join(directory, 'ledger')
  writeFileSync(ledger, '')
  // A busy machine may be slow to connect; what is tried here is not how long a call takes.
  const client = createClient({ redisUrl, prefix, timeout: 20_000 })
  const connection = await connectTo(redisUrl)
  context.after(async () => {
    await client.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const lines = (): readonly Line[] => readFileSync(ledger, 'utf8').split('\n').filter(Boolean).map(lineOf)
  return {
    client,
    connection,
    store: openStore({ connection, prefix }),
    lines,
    go: () => writeFileSync(`${ledger}.go`, ''),
    start: async (roles, env = {}) => {
      const running = startProcess(context, {
        arguments: [...preload(env), ...fromSource(join(projectRoot, 'test/process/programs/roles.ts'))],
        env: { ROLES: roles, REDIS_URL: redisUrl, MORROW_PREFIX: prefix, LEDGER: ledger, ...env },
      })
      await running.line(/^running/, 30_000)
      return running
    },
    notOnce: (expected) => {
      const counts = new Map(expected.map((label) => [label, 0]))
      for (const { step, label } of lines()) if (step === 'start') counts.set(label, (counts.get(label) ?? 0) + 1)
      return Object.fromEntries([...counts].filter(([, count]) => count !== 1))
    },
  }
}

const preload = ({ SHIFT }: Readonly<Record<string, string>>): readonly string[] =>
  SHIFT === undefined ? [] : ['--import', join(projectRoot, 'test/process/programs/shift.mjs')]

function lineOf(text: string): Line {
  const [step, label = '', attempt, fence, pid, late] = text.split(' ')
  if (step !== 'start' && step !== 'end' && step !== 'aborted')
    throw new Error(`expected a line of the ledger: ${text}`)
  return { step, label, attempt: Number(attempt), fence: Number(fence), pid: Number(pid), late: Number(late) }
}

/** So many labels. */
export const labels = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job${n}`)

/** Waits as `until` does, with the patience that a busy machine needs. */
export const until: typeof untilWithin = (what, condition, timeout = 40_000) => untilWithin(what, condition, timeout)
