#!lua
-- A dead job gets another life, with the record given, due now: dead -> ready. `apart` is a new payload too long for the record. Answers
-- revived, or unknown when it is not dead, or died in a later claim than the one that is said.
local pages, dead, ready, schedules = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local counts, asleep, channel = KEYS[5], KEYS[6], KEYS[7]
local now, queue, name, slot, record = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local claim, apart = tonumber(ARGV[6]), ARGV[7]

local page = open(pages .. name)
if stateOf(page, slot) ~= 'D' or claimOf(page, slot) ~= (claim or claimOf(page, slot)) then return { 'unknown' } end
redis.call('ZCARD', dead) redis.call('LLEN', ready) redis.call('HLEN', counts) -- of another type: it stops here
local id, number = name:sub(1, 16), 64 * tonumber(name:sub(18), 16) + slot
local first = redis.call('HGET', schedules .. id, 'open') -- of a schedule: its first job that has not ended
if first and number < tonumber(first) then redis.call('HSET', schedules .. id, 'open', number) end
if apart ~= '' then redis.call('SET', page.key .. ':' .. slot, apart) page.flags = bit.bor(page.flags, 1) end
if record:byte() == 49 then redis.call('DEL', page.key .. ':' .. slot) end -- the payload stands in the record now
redis.call('LSET', page.key, slot + 1, record)
page.due = splice(page.due, 6, slot, six(now))
put(page, slot, 'r')
close(page)
redis.call('ZREM', dead, name .. ' ' .. slot)
push('RPUSH', ready, counts, laneOf(page, slot, record), name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'dead', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'revived' }
