// What the processes of a soak run: a job that notes that it ran, and a word to whoever watches them.
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { defineConfig, defineJob } from 'morrow'
import { z } from 'zod'

const runs = process.env.SOAK_RUNS ?? ''
/** Where no process is killed, lines are written a turn at a time: a write for each would be measured as ours. */
const gathers = process.env.SOAK_GATHERS === '1'

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
  put(`${[...about, Date.now() - dueAt.getTime(), tick?.latenessMs ?? 0].join(' ')}\n`)
}

let gathered = ''
const put = (line) => {
  if (!gathers) return appendFileSync(runs, line)
  if (gathered === '') setImmediate(flush)
  gathered += line
}
const flush = () => {
  appendFileSync(runs, gathered)
  gathered = ''
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
