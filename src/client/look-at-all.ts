import { MorrowError } from '../errors.ts'

/** Where the things that are looked at stand in what the caller gave: `requests[1000]` is the first of a second page. */
export type Standing = { readonly name: string; readonly first: number; readonly alone: boolean }

type Fault = { readonly index: number; readonly error: unknown }

/**
 * Looks at each of many, and answers what was found when all are right. Else throws the error of the first that is not,
 * and its text names every one by where it stands. What a schema itself throws passes through.
 */
export async function lookAtAll<Given, Found>(
  many: readonly Given[],
  standing: Standing,
  look: (one: Given) => Found | Promise<Found>,
): Promise<readonly Found[]> {
  const faults: Fault[] = []
  const late: Promise<void>[] = []
  const found = new Array<Found>(many.length)
  const keep = (index: number, value: Found): void => {
    found[index] = value
  }
  many.forEach((one, index) => {
    const noted = (error: unknown): void => {
      faults.push({ index, error })
    }
    try {
      const answer = look(one)
      if (answer instanceof Promise) late.push(answer.then((value) => keep(index, value), noted))
      else keep(index, answer)
    } catch (error) {
      noted(error)
    }
  })
  if (late.length > 0) await Promise.all(late)
  if (faults.length > 0) throw faultOfMany(faults, standing)
  return found
}

const MOST_FAULTS = 20

function faultOfMany(unsorted: readonly Fault[], { name, first, alone }: Standing): unknown {
  const faults = [...unsorted].sort((one, other) => one.index - other.index)
  const foreign = faults.find(({ error }) => !(error instanceof MorrowError))
  const { error } = foreign ?? faults[0] ?? {}
  // One error may stand for all of them: of a clock that is held, or of a Redis that cannot be reached.
  const isShared = faults.length > 1 && faults.every((fault) => fault.error === error)
  if (!(error instanceof MorrowError) || alone || isShared) return error
  const lines = faults.slice(0, MOST_FAULTS).map((fault) => `${name}[${first + fault.index}]: ${textOf(fault.error)}`)
  const more = faults.length > MOST_FAULTS ? [`and ${faults.length - MOST_FAULTS} more`] : []
  const [only = ''] = lines
  const text =
    lines.length === 1 ? only : [`${faults.length} of the jobs are refused:`, ...lines, ...more].join('\n  - ')
  // A stack begins with the text that its error was made with.
  if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => text)
  error.message = text
  return error
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
