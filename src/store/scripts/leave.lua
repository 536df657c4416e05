#!lua flags=allow-oom
-- An owner that has no job any more puts its lease down. Answers left, or busy when it still has some.
local leases, owners = KEYS[1], KEYS[2]
local owner = ARGV[1]

if redis.call('HLEN', owners .. owner) > 1 then return { 'busy' } end
redis.call('ZCARD', leases) -- of another type: it stops here
redis.call('DEL', owners .. owner)
redis.call('ZREM', leases, owner)
return { 'left' }
