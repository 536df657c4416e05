import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type AppliedFiles, applySchedules } from '../../src/scheduler/apply.ts'
import type { World } from './world.ts'

/** A folder of schedule files that a test writes. */
export type Folder = {
  readonly path: string
  write(file: string, text: string): void
  remove(file: string): void
  removeAll(): void
  apply(world: World, environment?: string): Promise<AppliedFiles>
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
    apply: ({ store }, environment = 'test') =>
      applySchedules({ store, folder: path, told: true, environment, defaultZone: 'UTC', catalogue: undefined }),
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
