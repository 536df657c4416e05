#!lua flags=allow-oom
-- A schedule's definition is put in force: its next tick is set, unless the version stands already. Answers applied or unchanged.
local ticks, schedules, alarm, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local queue, id, version, name, definition, next = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local stands = redis.call('HGET', schedules .. id, 'version')
redis.call('ZCARD', ticks) redis.call('STRLEN', alarm) -- of another type: it stops here
redis.call('HSET', schedules .. id, 'name', name, 'definition', definition)
if stands == version then return { 'unchanged' } end
redis.call('HSET', schedules .. id, 'version', version)
if next == '' then
  redis.call('ZREM', ticks, id)
else
  redis.call('ZADD', ticks, next, id)
  alert(alarm, tonumber(next), channel, 'due ' .. queue)
end
return { 'applied' }
