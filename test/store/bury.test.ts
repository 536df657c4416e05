import { testSettlement } from './settlement.ts'

testSettlement('bury', { dead: ['B'] }, (queue) => queue.bury)
