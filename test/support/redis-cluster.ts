import { setTimeout as pause } from 'node:timers/promises'
import { ask, freePort, type RedisServer, startRedis } from './redis.ts'

const SLOTS = 16_384

/** A real Redis Cluster on loopback, every node a primary with its share of the slots and no replica. */
export type RedisCluster = {
  readonly nodes: readonly RedisServer[]
  /** The addresses of all nodes as one comma-separated URL. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts a cluster of `count` nodes and answers once every node says that the cluster is whole. */
export async function startCluster(count = 3): Promise<RedisCluster> {
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const nodes = await Promise.all(ports.map((busPort) => startRedis({ config: clusterLines(busPort) })))
  const first = nodes[0]
  for (const [index, node] of nodes.entries()) {
    const from = Math.floor((SLOTS * index) / count)
    const to = Math.floor((SLOTS * (index + 1)) / count) - 1
    await expectOk(node, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`)
    await expectOk(node, `CLUSTER ADDSLOTSRANGE ${from} ${to}`)
    if (first !== undefined && node !== first) await expectOk(node, `CLUSTER MEET 127.0.0.1 ${first.port} ${ports[0]}`)
  }
  await Promise.all(nodes.map((node) => untilWhole(node, count)))
  return {
    nodes,
    url: `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

const clusterLines = (busPort: number): readonly string[] => [
  'cluster-enabled yes',
  `cluster-port ${busPort}`,
  'cluster-node-timeout 5000',
  'cluster-config-file nodes.conf',
]

async function expectOk(node: RedisServer, command: string): Promise<void> {
  const reply = await ask(node.port, command)
  if (!reply.startsWith('+OK')) throw new Error(`expected OK from ${command} on port ${node.port}, got ${reply}`)
}

async function untilWhole(node: RedisServer, count: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while (performance.now() < deadline) {
    const info = await ask(node.port, 'CLUSTER INFO')
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}\r`)) {
      if (info.includes('cluster_slots_ok:16384')) return
    }
    await pause(20)
  }
  throw new Error(`expected the cluster to be whole within 20 s:\n${await ask(node.port, 'CLUSTER INFO')}`)
}
