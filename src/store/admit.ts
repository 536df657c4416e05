import { definitionOf } from '../schedule/definition.ts'
import { queueKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import type { Home } from './stored-schedule.ts'
import { firstUnended } from './unended.ts'

/** What became of the run of a schedule that waits behind an earlier one. */
export type Admitted = 'released' | 'waits' | 'nothing'

/** Others may change the schedule meanwhile: so often it is asked again; and so many queues it may have gone on through. */
const TRIES = 20

/**
 * Lets the run of a schedule that waits behind an earlier one begin if that is over. An earlier one may be in a queue that the
 * schedule fed before: that is asked first, and what it says is noted, for who fires its ticks too. Repeatable at every step: a
 * run that has ended there stays so, and no other is made there. `callOff` cancels what waits or runs in a queue.
 */
export async function admit(parts: StoreParts, given: Home, callOff: (home: Home) => Promise<void>): Promise<Admitted> {
  let home = given
  let [rev, asked] = ['', '']
  for (let left = TRIES; left > 0; left--) {
    const reply = await send(parts, home, rev, asked)
    const answer = word(reply) as Admitted | 'moved' | 'ask'
    ;[rev, asked] = ['', '']
    if (answer === 'ask') {
      rev = String(part(reply, 1))
      asked = await ask(parts, home, reply, callOff)
    } else if (answer === 'nothing' && part(reply, 1) !== '') home = { id: home.id, queue: String(part(reply, 1)) }
    else if (answer !== 'moved') return answer
  }
  return 'waits'
}

const send = ({ connection, prefix }: StoreParts, { id, queue }: Home, rev: string, asked: string): Promise<Reply> =>
  run(connection, scripts.admit, queueKeys(prefix, queue), { args: { queue, id, rev, asked } })

/** What the queues say that it fed before: the number of its first run there that has not ended, or '-'. */
async function ask(
  { connection, prefix }: StoreParts,
  { id, queue }: Home,
  reply: Reply,
  callOff: (home: Home) => Promise<void>,
): Promise<string> {
  const former = String(part(reply, 2)).split(' ')
  const queues = former.filter((each) => each !== '' && each !== queue)
  const waits = part(reply, 3) === '1'
  if (waits && cancelsPrevious(String(part(reply, 4)))) for (const each of queues) await callOff({ id, queue: each })
  return String((await firstUnended(connection, prefix, id, queues)) ?? '-')
}

function cancelsPrevious(definition: string): boolean {
  try {
    return definition !== '' && definitionOf(definition).policies.overlap === 'cancel-previous'
  } catch {
    return false
  }
}
