import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/** What is watched: a folder with all below it, and the names of files that count. */
export type WatchParts = {
  readonly folder: string
  readonly counts: RegExp
  /** Told once for all changes that come close together. */
  readonly changed: () => void
}

/** A compiler or an editor writes several files for one change. */
const TOGETHER = duration(300)
/** A build removes its folder first: until it is back, it is looked for this often. */
const MISSING = duration(500)
const MOST_FOLDERS = 2_000

/** Watches a folder, but for node_modules and what begins with a dot; answers how to stop. */
export function watchFolder({ folder, counts, changed }: WatchParts): () => void {
  const stopped = new AbortController()
  let waiting = false
  const settle = async (): Promise<void> => {
    await systemClock.sleep(TOGETHER, stopped.signal)
    while (!stopped.signal.aborted && !tree.look()) await systemClock.sleep(MISSING, stopped.signal)
    waiting = false
    if (!stopped.signal.aborted) changed()
  }
  const tree = watchedTree(folder, (name) => {
    // A name without an ending may be a folder that came or went.
    const matters = name === null || counts.test(name) || !name.includes('.')
    if (!matters || waiting) return
    waiting = true
    void settle()
  })
  tree.look()
  return () => {
    stopped.abort()
    tree.close()
  }
}

type Tree = {
  /** Follows folders that came or went; false while there is none at all. */
  look(): boolean
  close(): void
}

function watchedTree(folder: string, stirred: (name: string | null) => void): Tree {
  const watchers = new Map<string, FSWatcher>()
  const drop = (path: string): void => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const listen = (path: string): void => {
    try {
      const watcher = watch(path, (_event, name) => stirred(name))
      watchers.set(path, watcher)
      watcher.on('error', () => {
        drop(path)
        stirred(null)
      })
    } catch {
      // Gone meanwhile, or more folders than the system lets us watch: the others are watched all the same.
    }
  }
  return {
    look: () => {
      const folders = foldersIn(folder)
      for (const path of [...watchers.keys()]) if (!folders.includes(path)) drop(path)
      for (const path of folders) if (!watchers.has(path)) listen(path)
      return folders.length > 0
    },
    close: () => {
      for (const path of [...watchers.keys()]) drop(path)
    },
  }
}

function foldersIn(folder: string): readonly string[] {
  const found: string[] = []
  const next = [folder]
  for (let path = next.shift(); path !== undefined && found.length < MOST_FOLDERS; path = next.shift()) {
    try {
      const entries = readdirSync(path, { withFileTypes: true })
      found.push(path)
      for (const entry of entries) {
        if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
          next.push(join(path, entry.name))
        }
      }
    } catch {
      // Gone meanwhile.
    }
  }
  return found
}
