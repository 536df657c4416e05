#!lua flags=allow-oom
-- An owner's lease lasts `lease` milliseconds from now, also when it had ended and nobody has begun to take its jobs back: a clock that
-- leaps ends no lease by itself. Answers renewed, until when, and whether jobs that run in the queue are
-- noted as cancelled; or lost when its jobs are on their way to others.
local leases, cancels = KEYS[1], KEYS[2]
local now, owner, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local ends = redis.call('ZSCORE', leases, owner)
if not ends or tonumber(ends) == 0 then return { 'lost' } end
redis.call('ZADD', leases, now + lease, owner)
return { 'renewed', string.format('%.0f', now + lease), redis.call('EXISTS', cancels) }
