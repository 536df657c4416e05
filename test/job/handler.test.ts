import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { InvalidJobError } from '../../src/job/errors.ts'
import { handlersByName } from '../../src/job/handler.ts'

const work = (): void => {}

test('handlers are found by the name of their job, whatever the name is', () => {
  const handlers = ['constructor', 'toString', 'hasOwnProperty'].map((name) => defineJob({ name }).handle(work))
  const byName = handlersByName(handlers)
  assert.deepEqual([...byName.keys()], ['constructor', 'toString', 'hasOwnProperty'])
  assert.equal(byName.get('valueOf'), undefined)
})

test('a definition with run stands for its handler', () => {
  const short = defineJob({ name: 'short', run: work })
  assert.equal(handlersByName([short]).get('short'), short.handler)
})

test('the same handler listed twice is one', () => {
  const handler = defineJob({ name: 'a' }).handle(work)
  assert.equal(handlersByName([handler, handler]).size, 1)
})

test('two handlers of one name, and what is no handler, are refused together', () => {
  const job = defineJob({ name: 'a' })
  const sources: readonly unknown[] = [job.handle(work), job.handle(work), defineJob({ name: 'b' }), null, 'c']
  assert.throws(
    () => Reflect.apply(handlersByName, undefined, [sources]),
    (error) => {
      assert.ok(error instanceof InvalidJobError)
      assert.deepEqual(error.faults, [
        'a has two handlers: keep one, or give one of the job types another name',
        'handlers[2]: b is a definition without a handler: list what its handle(…) answers',
        'handlers[3]: must be what the handle(…) of a job answers, got null',
        'handlers[4]: must be what the handle(…) of a job answers, got "c"',
      ])
      return true
    },
  )
})
