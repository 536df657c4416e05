#!lua flags=allow-oom
-- The run of a schedule that waits behind an earlier one may begin once that has ended: held -> front of ready. An earlier one may be in a
-- queue that the schedule fed before: who has asked there says so, with the number of the first that has not ended, or - when all have.
-- Answers released, waits (the earlier run is not over), nothing (and where the schedule goes on), moved (things have changed since `rev`),
-- or ask, with rev, the queues to ask, whether a run waits, and the definition.
local pages, ready, schedules, counts, waits, asleep, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local queue, id, rev, asked = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local stands = redis.call('HMGET', schedules .. id, 'open', 'behind', 'rev', 'former', 'version', 'definition', 'heir')
local number, behind = tonumber(redis.call('HGET', waits, id) or nil), stands[2] or ''
local name, slot, page
if number then
  name, slot = spotOf(id, number)
  page = open(pages .. name)
  if stateOf(page, slot) ~= 'h' then number = redis.call('HDEL', waits, id) and nil end
end
if asked ~= '' and stands[3] ~= rev then return { 'moved' } end
if behind ~= '' and asked == '' then return { 'ask', stands[3], stands[4] or '', number and '1' or '', stands[6] or '' } end
if asked == '-' then behind = redis.call('HDEL', schedules .. id, 'behind') and ''
elseif asked ~= '' then redis.call('HSET', schedules .. id, 'behind', asked) end
if not number then return { 'nothing', not stands[5] and stands[7] or '' } end
if behind ~= '' then return { 'waits' } end
local first = unended(pages, id, tonumber(stands[1] or 0), number)
if first and first < number then
  if stands[3] then redis.call('HSET', schedules .. id, 'open', first) end
  return { 'waits' }
end
redis.call('LLEN', ready) redis.call('HLEN', counts) redis.call('STRLEN', asleep) -- of another type: it stops here
put(page, slot, 'r')
close(page)
redis.call('HDEL', waits, id)
push('LPUSH', ready, counts, laneOf(page, slot), name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'held', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'released' }
