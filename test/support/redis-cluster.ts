import { setTimeout as pause } from 'node:timers/promises'
import { ask, freePort, type RedisServer, type RedisServerOptions, startRedis } from './redis.ts'
import { until } from './until.ts'

const SLOTS = 16_384

/** A real Redis Cluster on loopback, every node a primary with its share of the slots and no replica. */
export type RedisCluster = {
  readonly nodes: readonly RedisServer[]
  /** The addresses of all nodes as one comma-separated URL. */
  readonly url: string
  /** Adds a replica of one node, which takes its place when that is gone, and answers once it has its data. */
  addReplica(of: RedisServer): Promise<RedisServer>
  stop(): Promise<void>
}

/** How a test wants its cluster. */
export type ClusterOptions = Pick<RedisServerOptions, 'appendOnly' | 'config'> & {
  /** How long a node may be silent before the others take it for dead, in milliseconds; 5,000 unless said. */
  readonly timeout?: number
}

/** Starts a cluster of `count` nodes and answers once every node says that the cluster is whole. */
export async function startCluster(count = 3, options: ClusterOptions = {}): Promise<RedisCluster> {
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const nodes = await Promise.all(ports.map((busPort) => startNode(busPort, options)))
  const all = [...nodes]
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
    addReplica: async (of) => {
      const replica = await startNode(await freePort(), options)
      all.push(replica)
      await expectOk(replica, `CLUSTER MEET 127.0.0.1 ${of.port} ${ports[nodes.indexOf(of)]}`)
      await replicate(replica, of)
      return replica
    },
    stop: async () => {
      await Promise.all(all.map((node) => node.stop()))
    },
  }
}

function startNode(busPort: number, { appendOnly = false, config = [], timeout = 5_000 }: ClusterOptions) {
  const lines = [
    'cluster-enabled yes',
    `cluster-port ${busPort}`,
    `cluster-node-timeout ${timeout}`,
    'cluster-config-file nodes.conf',
    'cluster-announce-ip 127.0.0.1',
    'cluster-replica-validity-factor 0',
    'repl-diskless-sync-delay 0',
  ]
  return startRedis({ appendOnly, config: [...lines, ...config] })
}

async function replicate(replica: RedisServer, of: RedisServer): Promise<void> {
  const id = (await ask(of.port, 'CLUSTER MYID')).split('\r\n')[1]
  await until('the replica knows the node', async () =>
    (await ask(replica.port, `CLUSTER REPLICATE ${id}`)).startsWith('+'),
  )
  await until('the replica has the data', async () =>
    (await ask(replica.port, 'INFO replication')).includes('master_link_status:up'),
  )
}

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
