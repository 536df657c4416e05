#!lua flags=allow-oom
-- The jobs of a schedule that wait are cancelled, those numbered from `from`, some pages in a call: scheduled, ready, held -> ended.
-- Answers the number to go on from, '' when all were looked at.
local pages, ended, counts, schedules, waits = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, id, from, limit = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local stands = redis.call('HMGET', schedules .. id, 'made', 'open')
local made = tonumber(stands[1] or 0)
redis.call('LLEN', ended) redis.call('HLEN', counts) redis.call('HLEN', waits) -- of another type: it stops here
from = math.max(from, tonumber(stands[2] or 0))
local to = math.min(made, from - from % 64 + limit)
callOff(pages, ended, counts, id, from, to, now)
redis.call('HDEL', waits, id)
return { to < made and to or '' }
