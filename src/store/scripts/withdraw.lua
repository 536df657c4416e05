#!lua flags=allow-oom
-- A schedule is no longer in force: it has no next tick. What it made stays. Answers withdrawn or unknown.
local ticks, schedules = KEYS[1], KEYS[2]
local id = ARGV[1]

redis.call('HLEN', schedules .. id) -- of another type: it stops here
redis.call('ZREM', ticks, id)
local known = redis.call('HDEL', schedules .. id, 'version', 'definition', 'name')
return { known > 0 and 'withdrawn' or 'unknown' }
