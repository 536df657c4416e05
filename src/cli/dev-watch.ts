import { type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs'
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
    let now = tree.look()
    while (!stopped.signal.aborted && now === undefined) {
      await systemClock.sleep(MISSING, stopped.signal)
      now = tree.look()
    }
    waiting = false
    // What the program itself writes beside its modules must not start it again and again.
    const isNew = now !== seen
    seen = now
    if (isNew && !stopped.signal.aborted) changed()
  }
  const tree = watchedTree(folder, counts, (name) => {
    // A name without an ending may be a folder that came or went.
    const matters = name === null || counts.test(name) || !name.includes('.')
    if (!matters || waiting) return
    waiting = true
    void settle()
  })
  let seen = tree.look()
  return () => {
    stopped.abort()
    tree.close()
  }
}

type Tree = {
  /** Follows folders that came or went; answers a text that tells the files as they are from any other state, undefined without a folder. */
  look(): string | undefined
  close(): void
}

function watchedTree(folder: string, counts: RegExp, stirred: (name: string | null) => void): Tree {
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
      const { folders, files } = contentsOf(folder, counts)
      for (const path of [...watchers.keys()]) if (!folders.includes(path)) drop(path)
      for (const path of folders) if (!watchers.has(path)) listen(path)
      return folders.length > 0 ? files.join('\n') : undefined
    },
    close: () => {
      for (const path of [...watchers.keys()]) drop(path)
    },
  }
}

type Contents = { readonly folders: readonly string[]; readonly files: readonly string[] }

/** The folders of a tree, and its files that count, each with what a change of it changes. */
function contentsOf(folder: string, counts: RegExp): Contents {
  const folders: string[] = []
  const files: string[] = []
  const next = [folder]
  for (let path = next.shift(); path !== undefined && folders.length < MOST_FOLDERS; path = next.shift()) {
    try {
      const entries = readdirSync(path, { withFileTypes: true })
      folders.push(path)
      for (const entry of entries) {
        const inside = join(path, entry.name)
        if (!entry.isDirectory()) {
          if (counts.test(entry.name)) files.push(stateOf(inside))
        } else if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
          next.push(inside)
        }
      }
    } catch {
      // Gone meanwhile.
    }
  }
  return { folders, files }
}

function stateOf(path: string): string {
  const { ino = 0, size = 0, mtimeMs = 0 } = lstatSync(path, { throwIfNoEntry: false }) ?? {}
  return `${path} ${ino} ${size} ${mtimeMs}`
}
