#!lua flags=allow-oom
-- The jobs of a schedule that wait are cancelled, those numbered from `from`, some in a call: scheduled, ready, held -> ended. Answers the
-- number to go on from, '' when all were looked at.
local pages, ended, counts, schedules, waits = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, id, from = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local stands = redis.call('HMGET', schedules .. id, 'made', 'open')
redis.call('LLEN', ended) redis.call('HLEN', counts) redis.call('HLEN', waits) -- of another type: it stops here
local rest = callOff(pages, ended, counts, id, math.max(from, tonumber(stands[2] or 0)), tonumber(stands[1] or 0), now)
local held = tonumber(redis.call('HGET', waits, id) or nil)
if held and stateOfJob(pages, id, held) ~= 'h' then redis.call('HDEL', waits, id) end
return { rest or '' }
