import { excerpt, nearest } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'

/** A queue as the tables show it. */
export async function readQueue({ inspector, pauses: standing }: Store, queue: string) {
  const [counts, head, waiting, behind, pauses] = await Promise.all([
    inspector.counts(queue),
    inspector.head(queue, 1),
    inspector.held(queue),
    inspector.behind(queue),
    standing.of(queue),
  ])
  return { ...counts, oldestReadyAt: head.oldestReadyAt, waiting, behind, pauses }
}

/** Says which of these is no queue, with the one that may be meant; exit code 3. */
export function strangeTo(cli: Cli, known: readonly string[], asked: readonly string[]): boolean {
  const strange = asked.find((queue) => !known.includes(queue))
  if (strange === undefined) return false
  const meant = nearest(strange, known)
  const hint = meant === undefined ? 'morrow queue ls shows all' : `did you mean ${meant}?`
  cli.terminal.say(`there is no queue ${excerpt(strange)}; ${hint}`)
  cli.finish(EXIT.unknown)
  return true
}
