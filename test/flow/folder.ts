import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { readScheduleFiles } from '../../src/schedule/files.ts'
import { type AppliedFiles, type ApplyFilesParts, applyFiles } from '../../src/timetable/files.ts'
import type { World } from './world.ts'

/** A folder of schedule files that a test writes. */
export type Folder = {
  readonly path: string
  write(file: string, text: string): void
  remove(file: string): void
  removeAll(): void
  apply(world: World, options?: Partial<ApplyFilesParts>): Promise<AppliedFiles>
}

/** A file with schedules of one job, each `name: timing`. */
export const schedulesOf = (timings: Readonly<Record<string, string>>): string =>
  [
    'schedules:',
    ...Object.entries(timings).map(([name, timing]) => `  ${name}: { ${timing}, job: note, queue: notes }`),
  ]
    .join('\n')
    .concat('\n')

/** An empty folder that goes with the test. */
export function openFolder(test: TestContext): Folder {
  const root = mkdtempSync(join(tmpdir(), 'morrow-flow-'))
  const path = join(root, 'schedules')
  mkdirSync(path)
  test.after(() => rmSync(root, { recursive: true, force: true }))
  return {
    path,
    write: (file, text) => writeFileSync(join(path, file), text),
    remove: (file) => rmSync(join(path, file)),
    removeAll: () => rmSync(path, { recursive: true }),
    apply: async ({ store }, options = {}) => {
      const files = await readScheduleFiles(path, { defaultZone: 'UTC' })
      const usual = { by: 'test', tz: '2026a', environment: 'test', told: true, given: null }
      return applyFiles({ store, files, ...usual, ...options })
    },
  }
}

/** The names of the schedules in force, with their next ticks. */
export const inForce = async ({ store }: World): Promise<Readonly<Record<string, string | null>>> =>
  Object.fromEntries(
    (await store.schedules.list()).map(({ name, nextAt }) => [
      name,
      nextAt === null ? null : new Date(nextAt).toISOString(),
    ]),
  )

/** The ledger of the only schedule: fate, first tick and how many. */
export async function ledgerOf({ store }: World): Promise<readonly string[]> {
  const [schedule] = await store.schedules.list()
  if (schedule === undefined) return []
  const { entries } = await store.schedules.ledger(schedule, 0, -1)
  return entries.map(({ fate, first, count }) => `${fate} ${new Date(first).toISOString().slice(0, 16)} ${count}`)
}
