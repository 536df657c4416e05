import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { pageOf } from '../../src/job/id.ts'
import { decodeRecord } from '../../src/job/record.ts'
import type { Connection } from '../../src/store/connection.ts'
import type { QueueKeys } from '../../src/store/keys.ts'
import type { Reply } from '../../src/store/reply.ts'

/** What lies in each place of a queue: payloads as labels, `A+500` due 500 ms after the start, `B*2` claimed for the second time. */
export type Places = {
  readonly scheduled: readonly string[]
  readonly ready: readonly string[]
  readonly held: readonly string[]
  readonly active: readonly string[]
  readonly dead: readonly string[]
  readonly ended: readonly string[]
}

/** A queue with nothing in it. */
export const NOTHING: Places = { scheduled: [], ready: [], held: [], active: [], dead: [], ended: [] }

type Slot = {
  readonly page: string
  readonly slot: number
  readonly state: string
  readonly claim: number
  readonly due: number
  readonly label: string
}

type Dump = {
  readonly slots: readonly Slot[]
  readonly lists: Readonly<Record<'ready' | 'ended' | 'holds', readonly string[]>>
  readonly scheduled: ReadonlyMap<string, number>
  readonly dead: readonly string[]
  readonly held: readonly (readonly string[])[]
  /** Runs of schedules that wait behind an earlier one: page and slot. */
  readonly waits: readonly string[]
  /** The lanes of ready that have a list, and those that claim would come by. */
  readonly lanes: { readonly lists: readonly string[]; readonly listed: readonly string[] }
  readonly owned: ReadonlyMap<string, string>
  readonly counts: ReadonlyMap<string, number>
}

const prelude = (name: string): string =>
  readFileSync(new URL(`../../src/store/scripts/${name}.lua`, import.meta.url), 'utf8')
const PRELUDE = `${prelude('record')}${prelude('row')}`

/** One script reads all, so a dump under load is one moment. */
const DUMP = `${PRELUDE}
local slots, held, owners, ready, lanes = {}, {}, {}, {}, {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'list' then
    local page = open(key)
    for slot = 0, page.slots - 1 do
      local state = stateOf(page, slot)
      if state ~= '-' then
        slots[#slots + 1] = { key:sub(#KEYS[1] + 1), slot, state, claimOf(page, slot), string.format('%.0f', dueOf(page, slot)),
          whole(page, slot, redis.call('LINDEX', key, slot + 1)) }
      end
    end
  end
end
for _, key in ipairs(redis.call('KEYS', ARGV[2] .. '*')) do held[#held + 1] = { key:sub(#KEYS[2] + 1), unpack(redis.call('LRANGE', key, 0, -1)) } end
for _, key in ipairs(redis.call('KEYS', ARGV[3] .. '*')) do
  owners[#owners + 1] = { key:sub(#KEYS[3] + 1), redis.call('ZSCORE', KEYS[9], key:sub(#KEYS[3] + 1)) or '', unpack(redis.call('HGETALL', key)) }
end
for _, list in ipairs(lanesOf(KEYS[4])) do
  for _, run in ipairs(redis.call('LRANGE', list, 0, -1)) do ready[#ready + 1] = run end
end
for _, key in ipairs(redis.call('KEYS', ARGV[4] .. '*')) do lanes[#lanes + 1] = key:sub(#KEYS[4] + 2) end
return { slots, held, owners, ready, redis.call('ZRANGE', KEYS[5], 0, -1, 'WITHSCORES'),
  redis.call('ZRANGE', KEYS[6], 0, -1), redis.call('LRANGE', KEYS[7], 0, -1), redis.call('HGETALL', KEYS[8]), redis.call('ZRANGE', KEYS[10], 0, -1),
  redis.call('HGETALL', KEYS[11]), lanes, redis.call('ZRANGE', KEYS[12], 0, -1) }`

const escaped = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')
const textsIn = (reply: Reply | undefined): string[] => (Array.isArray(reply) ? reply.map(String) : [])
const rowsIn = (reply: Reply | undefined): Reply[] => (Array.isArray(reply) ? [...reply] : [])

async function dump(connection: Connection, keys: QueueKeys): Promise<Dump> {
  const names = [keys.pages, keys.held, keys.owners, keys.ready, keys.scheduled, keys.dead, keys.ended, keys.counts]
  const patterns = [keys.pages, keys.held, keys.owners, keys.lane].map(escaped)
  const all = [...names, keys.leases, keys.holds, keys.waits, keys.lanes]
  const reply = rowsIn(await connection.command('EVAL', DUMP, all.length, ...all, ...patterns))
  const flat = (index: number): Map<string, number> => {
    const values = textsIn(reply[index])
    return new Map(values.flatMap((key, at) => (at % 2 === 0 ? [[key, Number(values[at + 1])] as const] : [])))
  }
  const slots = rowsIn(reply[0]).map((row): Slot => {
    const [page = '', slot, state = '', claim, due, record = ''] = textsIn(row)
    const label = decodeRecord(record)?.payload ?? '(newer)'
    return { page, slot: Number(slot), state, claim: Number(claim), due: Number(due), label: label.slice(0, 20) }
  })
  const owned = new Map<string, string>()
  for (const row of rowsIn(reply[2]).map(textsIn)) {
    for (let index = 2; index < row.length; index += 2) {
      if (row[index] === '#') continue
      for (const run of row[index + 1]?.split(';') ?? []) {
        const [page, first, count, claim] = run.split(' ')
        for (let slot = Number(first); slot < Number(first) + Number(count); slot++) {
          owned.set(`${page} ${slot} ${claim}`, row[1] ?? '')
        }
      }
    }
  }
  return {
    slots,
    owned,
    held: rowsIn(reply[1]).map(textsIn),
    lists: { ready: textsIn(reply[3]), ended: textsIn(reply[6]), holds: textsIn(reply[8]) },
    scheduled: flat(4),
    dead: textsIn(reply[5]),
    counts: flat(7),
    lanes: { lists: textsIn(reply[10]).filter((lane) => lane !== 'lanes'), listed: textsIn(reply[11]) },
    waits: [...flat(9)].map(([id, number]) => {
      const { page, slot } = pageOf(id, number)
      return `${page} ${slot}`
    }),
  }
}

/** What lies where; fails when a job is nowhere to be found by those who look for it, or when the counts are wrong. */
export async function placesOf(connection: Connection, keys: QueueKeys, start: number): Promise<Places> {
  const found = await dump(connection, keys)
  const { slots, lists } = found
  const bySpot = new Map(slots.map((slot) => [`${slot.page} ${slot.slot}`, slot]))
  const inState = (...states: string[]): Slot[] => slots.filter(({ state }) => states.includes(state))
  const ordered = (entries: readonly string[], state: string): string[] => [
    ...new Set(
      entries.flatMap(spots).flatMap((spot) => {
        const slot = bySpot.get(spot)
        return slot?.state === state ? [slot.label] : []
      }),
    ),
  ]
  checkHints(found, inState)
  const places = {
    scheduled: inState('s')
      .sort((a, b) => a.due - b.due)
      .map(({ label, due }) => `${label}+${due - start}`),
    ready: ordered(lists.ready, 'r'),
    held: [...found.held]
      .sort()
      .flatMap(([name, ...entries]) => ordered(entries, 'h').map((label) => `${name}:${label}`))
      .concat(ordered(found.waits, 'h')),
    active: inState('a').map(({ label, claim }) => `${label}*${claim}`),
    dead: ordered(found.dead, 'D'),
    ended: ['c', 'k', 'd'].flatMap((state) => ordered(lists.ended, state)),
  }
  for (const [place, jobs] of Object.entries(places)) {
    const states = { scheduled: 's', ready: 'r', held: 'h', active: 'a', dead: 'D', ended: 'ckedx' }[place] ?? ''
    assert.equal(inState(...states).length, jobs.length, `all of ${place} are found by those who look for them`)
    assert.equal(found.counts.get(place) ?? 0, jobs.length, `the count of ${place} is right`)
  }
  return places
}

/** Entries name `page slot` or `page first count`; held entries carry an instant third. */
function spots(entry: string): string[] {
  const [page, first, count] = entry.split(' ')
  const runs = Number(count) <= 64 ? Number(count) : 1
  return Array.from({ length: runs || 1 }, (_, index) => `${page} ${Number(first) + index}`)
}

function checkHints(found: Dump, inState: (...states: string[]) => Slot[]): void {
  for (const { page, due, label } of inState('s')) {
    assert.ok((found.scheduled.get(page) ?? Number.POSITIVE_INFINITY) <= due, `promote will look at ${label} in time`)
  }
  for (const { page, slot, claim, label } of inState('a')) {
    const lease = found.owned.get(`${page} ${slot} ${claim}`)
    assert.ok(lease !== undefined && lease !== '', `${label} has an owner with a lease`)
  }
  for (const lane of found.lanes.lists) assert.ok(found.lanes.listed.includes(lane), `claim will look at lane ${lane}`)
  assert.equal(found.counts.has('lanes'), found.lanes.listed.length > 0, 'claim is told whether there are lanes')
  for (const [name = '', ...entries] of found.held) {
    if (entries.length > 0) assert.ok(found.lists.holds.includes(name), `${name} stands among the names held`)
  }
}
