import assert from 'node:assert/strict'
import { encodeRecord } from '../../src/job/record.ts'
import type { PlaceName } from '../../src/store/queue.ts'
import { BEGIN, type Position, type ReadJob } from '../../src/store/selection.ts'
import type { Job, Model } from './model.ts'
import { START, type TestQueue } from './test-queue.ts'

/** One random step of those who select jobs, or change one that waits. */
export type SelectionStep =
  | { readonly kind: 'select'; readonly limit: number }
  | { readonly kind: 'run' | 'update'; readonly pick: number }
  | { readonly kind: 'shift'; readonly pick: number; readonly by: number }

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
const PLACES: readonly PlaceName[] = ['scheduled', 'ready', 'held', 'active', 'dead', 'ended']
const WORDS = { active: 'running', gone: 'unknown', dead: 'dead', ended: 'ended' } as const

/** Takes such a step in the store and in the model, and compares what the store answers. */
export async function takeSelection(step: SelectionStep, model: Model, queue: TestQueue): Promise<void> {
  if (step.kind === 'select') return selectAll(step.limit, model, queue)
  const all = [...model.jobs.values()]
  const job = all[step.pick % Math.max(1, all.length)]
  if (job) await steerOne(step, job, model, queue)
}

/** Whatever has happened, the pages have every job in its place, and `scheduled` every page with a scheduled one. */
async function selectAll(limit: number, { jobs }: Model, { store }: TestQueue): Promise<void> {
  const selection = await store.selection('mail')
  for (const place of PLACES) {
    const found: string[] = []
    for (let at: Position | null = BEGIN; at !== null; ) {
      const look = await selection.look({ places: [place], job: '', due: EVER, created: EVER }, at, limit)
      found.push(...look.jobs.map(({ job }) => job.record.payload))
      at = look.next
    }
    const there = [...jobs.values()].filter((job) => job.place === place)
    assert.deepEqual(found.sort(), there.map(({ label }) => label).sort(), `what is ${place}`)
  }
}

async function steerOne(
  step: Exclude<SelectionStep, { kind: 'select' }>,
  job: Job,
  model: Model,
  { store }: TestQueue,
): Promise<void> {
  const selection = await store.selection('mail')
  const { page, slot, place } = job
  const read = await selection.read(page, slot)
  const waits = place === 'scheduled' || place === 'ready' || place === 'held'
  switch (step.kind) {
    case 'run': {
      const ready = place === 'scheduled' || place === 'ready'
      const expected = ready ? 'ready' : place === 'held' ? 'held' : WORDS[place]
      for (const _ of ['sent', 'sent again']) assert.equal(await selection.run(page, slot), expected)
      if (place === 'scheduled') Object.assign(job, { place: 'ready', due: Math.min(job.due, model.time) })
      return
    }
    case 'shift': {
      if (read === undefined) return
      for (const _ of ['sent', 'sent again'])
        assert.equal(await selection.shift(read, step.by), waits ? 'moved' : WORDS[place])
      if (!waits) return
      const due = Math.max(model.time, read.job.dueAt - START + step.by)
      Object.assign(job, { place: 'scheduled', due })
      const later = { ...read, job: { ...read.job, dueAt: START + due + 7 } }
      assert.equal(await selection.shift(later, 1), 'changed', 'it was due at another instant')
      return
    }
    case 'update': {
      if (read === undefined) return
      const changed = recordWith(read, model.time)
      for (const _ of ['sent', 'sent again'])
        assert.equal(await selection.update(read, changed), waits ? 'updated' : WORDS[place])
      const stands = await selection.read(page, slot)
      assert.equal(stands?.text, waits ? changed.head : read.text)
      if (waits && changed.head !== read.text)
        assert.equal(await selection.update(read, recordWith(read, model.time + 1)), 'changed', 'it was read before')
    }
  }
}

const recordWith = ({ job: { record } }: ReadJob, timeout: number) =>
  encodeRecord({ ...record, extension: { ...record.extension, timeout: 1_000_000 + timeout } })
