import { after } from 'node:test'
import { startCluster } from '../support/redis-cluster.ts'

/** The tests of the arrows and of the property, once more, in one process, against a cluster of three nodes. */
const cluster = await startCluster()
after(() => cluster.stop())
process.env['MORROW_TEST_CLUSTER'] = cluster.nodes.map(({ url }) => url).join(',')

const FILES = [
  'apply bury cancel claim complete enqueue fire forget get give-up hand-back leave peek promote prune purge reclaim',
  'release renew reschedule retry revive run select update presence wrong-type property',
]
for (const name of FILES.join(' ').split(' ')) await import(`./${name}.test.ts`)
