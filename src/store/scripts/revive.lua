#!lua
-- A dead job gets another life, with the record given: dead -> ready. Answers revived, or unknown when it is not dead.
local pages, dead, ready, schedules = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local counts, asleep, channel = KEYS[5], KEYS[6], KEYS[7]
local queue, name, slot, record = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local page = open(pages .. name)
if stateOf(page, slot) ~= 'D' then return { 'unknown' } end
redis.call('ZCARD', dead) redis.call('LLEN', ready) redis.call('HLEN', counts) -- of another type: it stops here
local id, number = name:sub(1, 16), 64 * tonumber(name:sub(18), 16) + slot
local first = redis.call('HGET', schedules .. id, 'open') -- of a schedule: its first job that has not ended
if first and number < tonumber(first) then redis.call('HSET', schedules .. id, 'open', number) end
redis.call('LSET', page.key, slot + 1, record)
put(page, slot, 'r')
close(page)
redis.call('ZREM', dead, name .. ' ' .. slot)
redis.call('RPUSH', ready, name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'dead', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'revived' }
