// What the processes of a soak run: a job that notes that it ran, and a word to whoever watches them.
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { defineConfig, defineJob } from 'morrow'
import { z } from 'zod'

const runs = process.env.SOAK_RUNS ?? ''

const note = defineJob({
  name: 'note',
  queue: 'soak',
  payload: z.object({ rests: z.number().default(0), label: z.string().default('') }),
})

/** Runs in a queue of its own, beside what else goes on. */
const beside = defineJob({ name: 'beside', queue: 'beside', payload: z.object({ label: z.string() }) })

/** One line a run: schedule or label, planned instant, job, attempt, and by how many ms it began, and was made, after it was due. */
const write = (label, { tick, id, attempt, dueAt }) => {
  const about = [tick?.schedule ?? label, tick?.plannedAt.getTime() ?? 0, id, attempt]
  appendFileSync(runs, `${[...about, Date.now() - dueAt.getTime(), tick?.latenessMs ?? 0].join(' ')}\n`)
}

const noteHandler = note.handle(async ({ rests, label }, context) => {
  write(label, context)
  if (rests > 0) await pause(rests)
})
const besideHandler = beside.handle(async ({ label }, context) => write(label, context))

const TOLD = ['clock.held', 'clock.released', 'schedules.faulty', 'schedules.refused', 'schedules.withheld', 'error']

export const config = defineConfig({
  jobs: [note, beside],
  handlers: [noteHandler, besideHandler],
  onEvent: (event) => {
    if (event.kind === 'process.started') process.stdout.write('running\n')
    if (TOLD.includes(event.kind)) process.stdout.write(`${event.kind} ${event.error ?? JSON.stringify(event)}\n`)
  },
})
