import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprintOf, maskedMessage } from '../../src/job/fingerprint.ts'

const at = (frame: string): string => `Error: x\n    at run (/app/node_modules/pg/lib/client.js:1:2)\n    at ${frame}`

test('what differs from job to job is masked: quoted texts, addresses, ids, numbers', () => {
  for (const [message, masked] of [
    ['no user 42', 'no user #'],
    ['no user "ada lovelace"', 'no user "…"'],
    ["no user 'ada'; it isn't there", 'no user "…"; it isn\'t there'],
    ['no mailbox ada@example.com', 'no mailbox …@…'],
    ['timeout of 1,250.5 ms', 'timeout of # ms'],
    ['no row 0b5a4f6e-8f5c-4c59-9b59-0d9a3f6e2c11', 'no row #'],
    ['charge ch_3OqXyzAbCdEf12345 failed', 'charge # failed'],
    ['commit 3f9a1bc2 is bad', 'commit # is bad'],
    ['the database is down\nat once', 'the database is down'],
  ] as const) {
    assert.equal(maskedMessage(message), masked)
  }
  assert.ok(maskedMessage('ä'.repeat(10_000)).length <= 300)
})

test('lines, folders, hosts and values make no other fingerprint; name, message and place do', () => {
  const one = fingerprintOf({
    name: 'E',
    message: 'no user 1',
    stack: at('async send (file:///app/releases/7/jobs/mail.ts:12:9)'),
  })
  assert.match(one, /^[0-9a-f]{10}$/)
  const same = { name: 'E', message: 'no user 22', stack: at('send (/srv/8/jobs/mail.ts:99:1)') }
  assert.equal(fingerprintOf(same), one)
  for (const other of [
    { ...same, name: 'F' },
    { ...same, message: 'no team 22' },
    { ...same, stack: at('send (/srv/8/jobs/bill.ts:99:1)') },
    { name: same.name, message: same.message },
  ]) {
    assert.notEqual(fingerprintOf(other), one)
  }
})

test('a long hostile message is masked in no time', () => {
  const before = process.hrtime.bigint()
  for (const letter of ['a', '1', "'", '"', '@', '-', 'a@', '.', 'f1']) maskedMessage(letter.repeat(5_000))
  assert.ok(process.hrtime.bigint() - before < 1_000_000_000n)
})
