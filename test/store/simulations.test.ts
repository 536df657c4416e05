import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulationSpace } from '../../src/store/simulations.ts'
import { DAY } from '../../src/time/duration.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { connectTo } from './test-queue.ts'

test('a simulation removes its own keys and those left over for more than a day, and touches no other', async () => {
  const connection = await connectTo(await testRedisUrl())
  const below = `${freePrefix()}[a]`
  const begun = (ago: number): string => (Date.now() - ago).toString(36)
  const random = 'a'.repeat(20)
  const left = `${below}:simulation:${begun(2 * DAY)}-${random}:layout`
  const others = [
    `${below}:simulation:${begun(DAY / 2)}-${random}:layout`,
    `${below}:simulation:layout`,
    `${below}:simulation:{mail}:ready`,
    `${below}:layout`,
    `x${left}`,
  ]
  for (const key of [left, ...others]) await connection.command('SET', key, 1)
  const space = await openSimulationSpace(connection, below)
  assert.ok(space.prefix.startsWith(`${below}:simulation:`))
  for (let n = 0; n < 50; n++) await connection.command('SET', `${space.prefix}:{mail}:${n}`, 1)
  await space.remove()
  const keys = await connection.command('KEYS', `*${below.replaceAll('[', '\\[')}*`)
  assert.deepEqual([...(keys as readonly string[])].sort(), [...others].sort())
  await connection.command('UNLINK', ...others)
  await connection.close()
})
