#!lua flags=allow-oom
-- The run of a schedule that waits behind an earlier one may begin once that has ended: held -> front of ready. Answers released, waits
-- (the earlier run is not over) or nothing.
local pages, ready, schedules, counts, waits, asleep, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local queue, id = ARGV[1], ARGV[2]

local number = tonumber(redis.call('HGET', waits, id) or nil)
if not number then return { 'nothing' } end
local name, slot = spotOf(id, number)
local page = open(pages .. name)
if stateOf(page, slot) ~= 'h' then
  redis.call('HDEL', waits, id)
  return { 'nothing' }
end
local known = redis.call('HGET', schedules .. id, 'open')
local first = unended(pages, id, tonumber(known or 0), number)
if first and first < number then
  if known then redis.call('HSET', schedules .. id, 'open', first) end
  return { 'waits' }
end
redis.call('LLEN', ready) redis.call('HLEN', counts) redis.call('STRLEN', asleep) -- of another type: it stops here
put(page, slot, 'r')
close(page)
redis.call('HDEL', waits, id)
redis.call('LPUSH', ready, name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'held', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'released' }
