import type { Place } from './fault.ts'
import type { Entry, Tree } from './yaml-tree.ts'
import { parseYaml } from './yaml-tree.ts'

/** One text of a file, and where each of its characters stands. */
export type Written = { readonly text: string; readonly place: Place; readonly at: (offset: number) => Place }

/** A schedule as it stands in its file. */
export type WrittenSchedule = {
  readonly name: string
  readonly place: Place
  /** The expressions under `cron`; empty where there are none. */
  readonly cron: readonly Written[]
  /** Where what stands under `cron` begins. */
  readonly cronPlace: Place | undefined
  /** Where a key stands, in the schedule or in the defaults of its file. */
  readonly keyPlace: (key: string) => Place | undefined
  /** The keys of a map under a key: of `dst`, those that somebody wrote. */
  readonly keysIn: (key: string) => readonly string[]
}

/** Where the schedules of a file and their expressions stand; empty where it is no YAML. Never throws. */
export function writtenIn(file: string, text: string): readonly WrittenSchedule[] {
  const { draft } = parseYaml(file, text)
  const lines = text.split('\n')
  const top = entriesOf(draft)
  const defaults = entriesOf(top.get('defaults')?.value)
  return [...entriesOf(top.get('schedules')?.value).values()].map(({ key: name, place, value }) => {
    const own = entriesOf(value)
    const cron = own.get('cron')?.value
    const entry = (key: string): Entry | undefined => own.get(key) ?? defaults.get(key)
    return {
      name,
      place,
      cron: textsOf(cron).map((each) => written(each.text, each.place, lines)),
      cronPlace: cron?.place,
      keyPlace: (key) => entry(key)?.place,
      keysIn: (key) => [...entriesOf(entry(key)?.value).keys()],
    }
  })
}

const entriesOf = (tree: Tree | null | undefined): ReadonlyMap<string, Entry> =>
  new Map(tree?.kind === 'map' ? tree.entries.map((entry) => [entry.key, entry]) : [])

type Text = { readonly text: string; readonly place: Place }

function textsOf(tree: Tree | undefined): readonly Text[] {
  if (tree?.kind === 'list') return tree.items.flatMap(textsOf)
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? [{ text: tree.value, place: tree.place }] : []
}

/** What is quoted begins one character later; what is folded or escaped is told by its beginning. */
function written(text: string, place: Place, lines: readonly string[]): Written {
  const line = lines[place.line - 1] ?? ''
  const [from, quoted] = [place.column - 1, /^['"]/.test(line.slice(place.column - 1))]
  const begin = from + (quoted ? 1 : 0)
  const isPlain = line.slice(begin).startsWith(text)
  return { text, place, at: (offset) => ({ ...place, column: isPlain ? begin + offset + 1 : place.column }) }
}
