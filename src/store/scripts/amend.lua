#!lua flags=allow-oom
-- What people say of a schedule beside its definition (pauses, ticks called off) is noted, as fields and values. Answers amended, moved
-- (things have changed since `rev`) or unknown.
local schedules = KEYS[1]
local id, rev, fixed = ARGV[1], ARGV[2], 2
local key = schedules .. id

local stands = redis.call('HMGET', key, 'rev', 'version')
if not stands[2] then return { 'unknown' } end
if stands[1] ~= rev then return { 'moved' } end
redis.call('HSET', key, 'rev', rev + 1, unpack(ARGV, fixed + 1))
return { 'amended' }
