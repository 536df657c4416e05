import { Cluster, type Redis } from 'ioredis'
import { duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/**
 * Answers how to be called back at each connect, and when a node of a cluster is back or has been replaced: it may have
 * lost what it knew, while the cluster as such never went away.
 */
export function readinessOf(redis: Redis | Cluster): (call: () => void) => () => void {
  const calls = new Set<() => void>()
  const tell = (): void => {
    if (redis.status === 'ready') for (const call of [...calls]) call()
  }
  /** How many nodes were there and are not. */
  let lost = 0
  redis.on('ready', () => {
    lost = 0
    tell()
  })
  redis.on('+node', (node: Redis) => {
    let met = false
    node.on('ready', () => {
      met = true
      if (lost > 0) void serving(node).then((serves) => serves && tell())
      lost = Math.max(0, lost - 1)
    })
    node.on('end', () => {
      if (met) lost++
    })
    // Nobody may have a call for the node that took a lost one's place, but what it does not know has to be told.
    if (lost > 0) node.connect().catch(() => undefined)
  })
  return (call) => {
    // Two who hand in the same function are two.
    const own = (): void => call()
    calls.add(own)
    if (redis.status === 'ready') own()
    return () => calls.delete(own)
  }
}

const AGAIN = duration(100)

/** A primary that has just come back refuses everything for about two seconds; answers false when it is gone again. */
async function serving(node: Redis): Promise<boolean> {
  while (node.status === 'ready') {
    const info = await node.cluster('INFO').catch(() => '')
    if (info.includes('cluster_state:ok')) return true
    await systemClock.sleep(AGAIN)
  }
  return false
}

const looking = new WeakSet<Cluster>()

/** Leaves the nodes that do not answer a ping in time; the next call for one connects anew, or learns who took its place. */
export async function dropSilentNodes(cluster: Cluster): Promise<void> {
  if (looking.has(cluster)) return
  looking.add(cluster)
  const used = cluster.nodes().filter(({ status }) => status !== 'wait')
  await Promise.all(used.map((node) => node.ping().catch(() => node.disconnect())))
  looking.delete(cluster)
}

/**
 * The time of the server in milliseconds, by its address; of a cluster that of each primary in use, since its queues go by
 * its clock. A node that does not answer is left out; rejects when none does. `ask` sends a command to any.
 */
export async function timesOf(
  redis: Redis | Cluster,
  ask: (command: 'TIME') => Promise<unknown>,
): Promise<ReadonlyMap<string, number>> {
  const used = redis instanceof Cluster ? redis.nodes('master').filter(({ status }) => status === 'ready') : []
  if (used.length === 0) return new Map([['', millisecondsOf(await ask('TIME'))]])
  const answers = await Promise.allSettled(
    used.map(
      async (node) => [`${node.options.host}:${node.options.port}`, millisecondsOf(await node.call('TIME'))] as const,
    ),
  )
  const times = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const [first] = answers
  if (times.length === 0 && first?.status === 'rejected') throw first.reason
  return new Map(times)
}

function millisecondsOf(reply: unknown): number {
  const [seconds = 0, micros = 0] = Array.isArray(reply) ? reply.map(Number) : []
  return seconds * 1000 + Math.floor(micros / 1000)
}
