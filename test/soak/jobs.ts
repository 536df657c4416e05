import { z } from 'zod'
import { defineJob } from '../../src/index.ts'

/** What the processes know as `beside`: a job in a queue of its own. */
export const beside = defineJob({ name: 'beside', queue: 'beside', payload: z.object({ label: z.string() }) })
