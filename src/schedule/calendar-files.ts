import { excerpt } from '../errors.ts'
import type { CalendarText } from './calendar.ts'
import type { Fault } from './fault.ts'
import { digestOf, type Folder } from './folder.ts'
import { type Calendars, type FoundCalendar, readCalendars } from './read-calendars.ts'

/** All that the calendar files of a folder of schedules say, and what is wrong with them. */
export type CalendarFiles = {
  readonly calendars: Calendars
  readonly faults: readonly Fault[]
  /** The files that were found, as 'schedules/calendars/public.yml'. */
  readonly files: readonly string[]
  /** Equal for equal files; null while one is being changed. */
  readonly digest: string | null
}

/** What the files of a folder of calendars say, `shown` being the folder of schedules above it; no such folder means no calendars. */
export function calendarsIn({ listed, texts }: Folder, shown: string): CalendarFiles {
  if (listed.kind === 'none' && listed.state !== 'unreadable') return { ...gather([]), digest: '' }
  if (listed.kind === 'none')
    return {
      ...gather([
        refused(`${shown}/calendars`, `expected a folder of calendars, but it cannot be read (${listed.code})`),
      ]),
      digest: listed.code,
    }
  const results = texts.map(({ name, ...read }) => {
    const file = `${shown}/calendars/${name}`
    return read.kind === 'text' ? { file, ...readCalendars(file, read.text) } : refused(file, read.fault)
  })
  return { ...gather(results), digest: digestOf(texts) }
}

type Result = ReturnType<typeof readCalendars> & { readonly file: string }

const refused = (file: string, message: string): Result => ({
  file,
  readable: false,
  calendars: [],
  faulty: [],
  faults: [{ file, line: 0, column: 0, message }],
})

/** A name in two places belongs to neither. */
function gather(results: readonly Result[]): Omit<CalendarFiles, 'digest'> {
  const known = new Map<string, CalendarText>()
  const faulty = new Set(results.flatMap((result) => result.faulty.map(({ name }) => name)))
  const faults = results.flatMap((result) => result.faults)
  const seen = new Map<string, FoundCalendar>()
  const all: readonly (FoundCalendar & { readonly calendar?: CalendarText })[] = results.flatMap((result) => [
    ...result.faulty,
    ...result.calendars,
  ])
  for (const found of all) {
    const { name, file, line, column, calendar } = found
    const first = seen.get(name)
    if (first === undefined) {
      seen.set(name, found)
      if (calendar !== undefined) known.set(name, calendar)
      continue
    }
    const message = `expected a name of its own, but ${first.file}:${first.line} has it too; rename one`
    faults.push({ file, line, column, message: `calendar ${excerpt(name)}: ${message}` })
    faulty.add(name)
    known.delete(name)
  }
  for (const name of faulty) known.delete(name)
  const unreadable = results.filter(({ readable }) => !readable).map(({ file }) => file)
  return { calendars: { known, faulty, unreadable }, faults, files: results.map(({ file }) => file) }
}
