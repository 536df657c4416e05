#!lua flags=allow-oom
-- A definition is put in force at an instant: what was planned up to it belongs to the one before, the next tick is the first after it. One
-- that stands already only has its words renewed. `state` are fields that a schedule brings from another queue. Answers applied, unchanged,
-- moved (it ticks on from elsewhere than `from`, or has changed since `rev`) or newer (a later reign has applied it).
local ticks, schedules, ledgers, names, alarm, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local queue, id, rev, reign, version, name, definition = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7]
local origin, tz, since, from, next, due = ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local generation, context, by, fixed = ARGV[14], ARGV[15], ARGV[16], 16
local key = schedules .. id

local stands = redis.call('HMGET', key, 'rev', 'version', 'reign', 'tz', 'next', 'definition')
if tonumber(stands[3] or 0) > reign then return { 'newer' } end
if (stands[1] or '') ~= rev then return { 'moved' } end
local same = stands[2] == version and (stands[4] or tz) >= tz
if not same and (stands[5] or '') ~= from then return { 'moved' } end
redis.call('ZCARD', ticks) redis.call('HLEN', names .. id) redis.call('LLEN', ledgers .. id) redis.call('STRLEN', alarm) -- of another type: it stops here
redis.call('HSET', key, 'name', name, 'definition', definition, 'reign', reign, 'origin', origin, 'generation', generation)
if same then return { 'unchanged' } end

redis.call('HSET', key, 'version', version, 'rev', (tonumber(rev) or 0) + 1, 'tz', tz, 'since', since)
if fixed < #ARGV then redis.call('HSET', key, unpack(ARGV, fixed + 1)) end
if stands[2] and stands[2] ~= version then redis.call('HSET', names .. id, '=' .. stands[2], stands[6]) end
redis.call('HDEL', names .. id, '=' .. version)
local number, process = numberOf(names, id, context), numberOf(names, id, '@' .. by)
redis.call('RPUSH', ledgers .. id, entry('a', number, process, since, since, 0, 0, 1))
stand(ticks, key, id, next, due)
if next ~= '' then alert(alarm, tonumber(due), channel, 'due ' .. queue) end
return { 'applied' }
