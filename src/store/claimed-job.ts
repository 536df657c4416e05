import { idAt, type JobId } from '../job/id.ts'
import { decodeRecord, type JobRecord } from '../job/record.ts'

/** A job in the hands of a worker. `claim` is its fence: only the newest claim may settle. Instants in milliseconds. */
export type ClaimedJob = {
  readonly id: JobId
  readonly queue: string
  readonly page: string
  readonly slot: number
  readonly claim: number
  readonly call: number
  readonly owner: string
  readonly dueAt: number
  readonly createdAt: number
  readonly claimedAt: number
  readonly record: JobRecord
}

/** Whose claim an answer belongs to. */
export type ClaimMark = { readonly queue: string; readonly token: string; readonly id: string }

/** Reads the jobs out of a claim's answer. */
export function jobsIn(mark: ClaimMark, call: number, reply: readonly (Buffer | readonly Buffer[])[]): ClaimedJob[] {
  const instants = reply[4] as Buffer
  const claimedAt = Number(reply[1])
  const records = reply[5] as readonly Buffer[]
  const jobs: ClaimedJob[] = []
  for (const run of String(reply[3]).split(';')) {
    const [page = '', first, count, claim] = run.split(' ')
    for (let slot = Number(first); slot < Number(first) + Number(count); slot++) {
      const index = jobs.length
      const record = decodeRecord(records[index]?.toString() ?? '')
      if (record === null) continue
      jobs.push({
        id: idAt(mark.token, page, slot),
        queue: mark.queue,
        page,
        slot,
        claim: Number(claim),
        call,
        owner: mark.id,
        dueAt: instants.readUIntBE(12 * index, 6),
        createdAt: instants.readUIntBE(12 * index + 6, 6),
        claimedAt,
        record,
      })
    }
  }
  return jobs
}
