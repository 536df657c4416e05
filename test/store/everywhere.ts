import { CLIENT, openTestQueue, type TestQueue } from './test-queue.ts'

/** The page of the first jobs that a test seeds. */
export const PAGE = `${CLIENT}:00000000`

/** A queue with one job in each place, its slot being its position in this list. */
export async function oneEverywhere(): Promise<TestQueue> {
  const queue = await openTestQueue()
  await queue.enqueue(['active', 'dead', 'ended', { label: 'held', name: 'unknown' }])
  const { jobs } = await queue.claim('w', 1)
  await queue.bury('w', 2, jobs.slice(1, 2))
  await queue.complete('w', 3, jobs.slice(2, 3))
  await queue.enqueue(['ready', { label: 'scheduled', in: 1_000 }])
  return queue
}

/** The slot of the job in each place. */
export const SLOTS = { active: 0, dead: 1, ended: 2, held: 3, ready: 4, scheduled: 5, never: 6 }

/** What `places` answers of it. */
export const EVERYWHERE = {
  scheduled: ['scheduled+1000'],
  ready: ['ready'],
  held: ['unknown:held'],
  active: ['active*1'],
  dead: ['dead'],
  ended: ['ended'],
}
