#!lua flags=allow-oom
-- An owner's lease lasts `lease` milliseconds from now, also when it had ended and nobody has begun to take its jobs back: a clock that
-- leaps ends no lease by itself. Answers renewed, or lost when its jobs are on their way to others.
local leases = KEYS[1]
local now, owner, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local ends = redis.call('ZSCORE', leases, owner)
if not ends or tonumber(ends) == 0 then return { 'lost' } end
redis.call('ZADD', leases, now + lease, owner)
return { 'renewed' }
