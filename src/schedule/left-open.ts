import { createHash } from 'node:crypto'
import { zoneInCron } from './cron.ts'
import type { Entry, Tree } from './yaml-tree.ts'

/** What a schedule leaves to the process that reads it: its zone, and the queue of its job. */
export type LeftOpen = { readonly zone: boolean; readonly job: string | undefined }

/** What a process brings to files that leave it open. */
export type Brought = {
  readonly defaultZone?: string
  readonly catalogue?: {
    /** The queue of a job that this very process defines, whatever others publish: it is the same at each look. */
    readonly ownQueueOf?: (job: string) => string | undefined
  }
}

/** What a schedule as it stands in its file leaves open, faulty or not; `defaults` are those of the file. */
export function leftOpen({ value: tree }: Entry, defaults: ReadonlyMap<string, Entry>): LeftOpen {
  const own = tree.kind === 'map' ? new Map(tree.entries.map((entry) => [entry.key, entry])) : new Map<string, Entry>()
  const of = (key: string): Tree | undefined => (own.get(key) ?? defaults.get(key))?.value
  const job = of('queue') === undefined ? textsIn(of('job'))[0] : undefined
  return { zone: of('tz') === undefined && !saysZone(textsIn(of('cron'))), job }
}

const textsIn = (tree: Tree | undefined): readonly string[] => {
  if (tree?.kind === 'list') return tree.items.flatMap(textsIn)
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? [tree.value] : []
}

function saysZone(cron: readonly string[]): boolean {
  try {
    return zoneInCron(cron) !== undefined
  } catch {
    return false
  }
}

/**
 * A hash of what a process brings to files, in so far as they leave it open; empty where that is what is taken without a word,
 * the zone UTC and the queue default. Files that are equal, with this too, mean the same schedules.
 */
export function broughtTo(all: readonly LeftOpen[], { defaultZone = 'UTC', catalogue }: Brought): string {
  const zone = defaultZone !== 'UTC' && all.some((one) => one.zone) ? [defaultZone] : []
  const jobs = [...new Set(all.flatMap(({ job }) => (job === undefined ? [] : [job])))].sort()
  const queues = jobs.flatMap((job) => {
    const queue = catalogue?.ownQueueOf?.(job)
    return queue === undefined || queue === 'default' ? [] : [[job, queue]]
  })
  if (zone.length === 0 && queues.length === 0) return ''
  return createHash('sha256')
    .update(JSON.stringify([zone, queues]))
    .digest('hex')
    .slice(0, 32)
}
