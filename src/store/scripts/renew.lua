#!lua flags=allow-oom
-- An owner's lease lasts `lease` milliseconds from now. Answers renewed, or lost when it has ended before.
local leases = KEYS[1]
local now, owner, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local ends = redis.call('ZSCORE', leases, owner)
if not ends or tonumber(ends) < now then return { 'lost' } end
redis.call('ZADD', leases, 'GT', now + lease, owner)
return { 'renewed' }
