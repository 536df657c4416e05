import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQueues } from '../../src/config.ts'
import { entryText, isServed, stopsOf, titleOf } from '../../src/job/queue-choice.ts'

const KNOWN = ['critical', 'low-a', 'low-b', 'low-test', 'mail', 'other']
const namesOf = (raw: string): string[] => stopsOf(parseQueues(raw), KNOWN).map(({ name }) => name)

test('globs and the rest stand for queues that nothing before them names, but for those excluded', () => {
  assert.deepEqual(namesOf('critical,low-*,!low-test'), ['critical', 'low-a', 'low-b'])
  assert.deepEqual(namesOf('*'), KNOWN)
  assert.deepEqual(namesOf('*,low-*,mail'), ['critical', 'other', 'low-a', 'low-b', 'low-test', 'mail'])
  assert.deepEqual(namesOf('low-b,low-*,*-test,!mail'), ['low-b', 'low-a', 'low-test'])
  assert.deepEqual(namesOf('*,!low-*,!*a*'), ['other'])
  assert.deepEqual(namesOf('new,mail'), ['new', 'mail'], 'a named queue need not exist yet')
})

test('each queue that a glob stands for has its cap and weight', () => {
  assert.deepEqual(stopsOf(parseQueues('low-*=2:5,!low-test,mail'), KNOWN), [
    { name: 'low-a', cap: 5, weight: 2 },
    { name: 'low-b', cap: 5, weight: 2 },
    { name: 'mail', cap: Number.POSITIVE_INFINITY, weight: 1 },
  ])
})

test('a dot in a pattern is a dot', () => {
  assert.deepEqual(
    stopsOf(parseQueues('a.*'), ['a.b', 'axb']).map(({ name }) => name),
    ['a.b'],
  )
})

test('an order is written as it was read, and served by it is what its titles stand for', () => {
  const raw = 'critical,mail=3:50,low-*,!low-test'
  const order = parseQueues(raw)
  assert.equal(order.map(entryText).join(','), raw)
  const titles = order.map(titleOf)
  assert.deepEqual(
    KNOWN.filter((queue) => isServed(titles, queue)),
    ['critical', 'low-a', 'low-b', 'mail'],
  )
  assert.equal(isServed(['*'], 'mail'), true)
})
