import { encodeRecord } from '../job/record.ts'
import type { QueueDoor, StoredJob } from '../store/queue.ts'

/**
 * Gives a dead job another life: all its attempts again, its history kept, and where `payload` is said that text in place
 * of its payload. Only if it has not moved since it was read.
 */
export function anotherLife(door: QueueDoor, job: StoredJob, payload?: string): Promise<'revived' | 'unknown'> {
  const { claim, record } = job
  const { reason: _reason, snoozes: _snoozes, rules: _rules, since: _since, past: _past, ...rest } = record.extension
  const { head, apart } = encodeRecord({
    ...record,
    failures: 0,
    interruptions: claim,
    extension: claim === 0 ? rest : { ...rest, past: claim },
    payload: payload ?? record.payload,
  })
  return door.revive(job.page, job.slot, head, { claim, apart: payload === undefined ? '' : apart })
}
