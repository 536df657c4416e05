import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  errorOf,
  faultOf,
  RedisDeniedError,
  RedisFullError,
  RedisUnavailableError,
  StoreError,
} from '../../src/store/errors.ts'
import { portions } from '../../src/store/portions.ts'

const reply = (text: string): Error => Object.assign(new Error(text), { name: 'ReplyError' })

test('what Redis answers is sorted into refused, not served for now, not sent, and unknown', () => {
  const kinds: Record<string, string> = {
    'OOM command not allowed when used memory > maxmemory': 'refused',
    'NOAUTH Authentication required.': 'refused',
    'WRONGTYPE Operation against a key': 'refused',
    "READONLY You can't write against a read only replica.": 'unserved',
    'LOADING Redis is loading the dataset in memory': 'unserved',
    'CLUSTERDOWN The cluster is down': 'unserved',
  }
  for (const [text, kind] of Object.entries(kinds)) assert.equal(faultOf(reply(text)).kind, kind, text)
  assert.equal(faultOf(new Error("Stream isn't writeable and enableOfflineQueue options is false")).kind, 'unsent')
  assert.equal(faultOf(new Error('Connection is closed.')).kind, 'unknown')
  assert.equal(faultOf(new Error('Command timed out')).kind, 'unknown')
  assert.equal(faultOf('text').kind, 'unknown')
})

test('each fault is an error of ours that says what to do and shows no arguments', () => {
  assert.ok(errorOf(faultOf(reply('OOM command not allowed'))) instanceof RedisFullError)
  assert.ok(errorOf(faultOf(reply('WRONGPASS invalid username-password pair'))) instanceof RedisDeniedError)
  assert.ok(errorOf(faultOf(reply('ERR unknown'))) instanceof StoreError)
  assert.ok(errorOf(faultOf(new Error('Connection is closed.'))) instanceof RedisUnavailableError)
  const full = new RedisFullError()
  assert.equal(errorOf(faultOf(full)), full, 'an error of ours stays what it is')
})

test('a list is cut into calls of at most 250 jobs and 256 KB, always at least one job', () => {
  const sizes = (bytes: readonly number[]) => portions(bytes, (size) => size).map(({ length }) => length)
  assert.deepEqual(sizes([]), [])
  assert.deepEqual(sizes(Array.from({ length: 501 }, () => 1)), [250, 250, 1])
  assert.deepEqual(sizes([300_000, 1, 262_143, 1, 300_000]), [1, 2, 1, 1])
})
