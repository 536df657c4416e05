import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MorrowEvent } from '../../src/job/events.ts'
import { watchingBudgets } from '../../src/wiring/budgets.ts'

/** Hands ticks of these latenesses to a watch, a minute apart, and answers what it says beside them. */
function watch(
  latenesses: readonly number[],
  more: { readonly budgetMs?: number; readonly apart?: number; readonly fate?: 'late' | 'by-hand' } = {},
) {
  const { apart = 60_000, budgetMs = 2_000, fate = 'fired' } = more
  const said: string[] = []
  const emit = watchingBudgets((event: MorrowEvent) => {
    if (event.kind === 'lateness.breached' || event.kind === 'lateness.kept')
      said.push(`${event.kind} ${event.p99Ms} > ${event.budgetMs} of ${event.ticks}`)
  })
  for (const [index, lateMs] of latenesses.entries()) {
    const plannedAt = new Date(index * apart)
    emit({ kind: 'tick.fired', schedule: 'digest', plannedAt, fate, lateMs, budgetMs, standsFor: 1, id: '', queue: '' })
  }
  return said
}

const ticks = (count: number, late: number): readonly number[] => Array.from({ length: count }, () => late)

test('one late tick in a hundred is within the budget, two are not', () => {
  assert.deepEqual(watch([...ticks(99, 5), 9_000]), [])
  assert.deepEqual(watch([...ticks(99, 5), 9_000, 9_500]), ['lateness.breached 9000 > 2000 of 101'])
})

test('of few ticks the worst counts, and it is said when it has become one of many', () => {
  assert.deepEqual(watch([3_000, ...ticks(99, 5)]), [
    'lateness.breached 3000 > 2000 of 1',
    'lateness.kept 5 > 2000 of 100',
  ])
})

test('what is older than a day does not count, and runs that a person asked for do not', () => {
  const twoDaily = watch([3_000, 5, 5], { apart: 86_400_001 })
  assert.deepEqual(twoDaily, ['lateness.breached 3000 > 2000 of 1', 'lateness.kept 5 > 2000 of 1'])
  assert.deepEqual(watch([9_000], { fate: 'by-hand' }), [])
})
