#!lua
-- A dead job gets another life, with the record given: dead -> ready. Answers revived, or unknown when it is not dead.
local pages, dead, ready, counts, asleep, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local queue, name, slot, record = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local page = open(pages .. name)
if stateOf(page, slot) ~= 'D' then return { 'unknown' } end
redis.call('ZCARD', dead) redis.call('LLEN', ready) redis.call('HLEN', counts) -- of another type: it stops here
redis.call('LSET', page.key, slot + 1, record)
put(page, slot, 'r')
close(page)
redis.call('ZREM', dead, name .. ' ' .. slot)
redis.call('RPUSH', ready, name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'dead', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'revived' }
