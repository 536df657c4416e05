import { appendFileSync } from 'node:fs'
import { z } from 'zod'
import { defineJob } from '../../../src/index.ts'

const payload = z.object({ label: z.string() })

/** Three job types whose queues lie on three nodes of a cluster: `{mail}` on the first, `{notes}` on the second, `{letters}` on the third. */
export const post = [
  defineJob({ name: 'mail', queue: 'mail', payload }),
  defineJob({ name: 'note', queue: 'notes', payload }),
  defineJob({ name: 'letter', queue: 'letters', payload }),
] as const

const ledger = process.env['LEDGER'] ?? ''

/** Each run is one line of the ledger: the label, and the planned instant where a schedule made the job. */
export const carriers = post.map((job) =>
  job.handle(({ label }, { tick }) =>
    appendFileSync(ledger, `${label}${tick ? `@${tick.plannedAt.toISOString()}` : ''}\n`),
  ),
)
