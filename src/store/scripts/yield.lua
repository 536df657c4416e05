#!lua flags=allow-oom
-- A scheduler that stops keeps this queue no longer, and the others are told to look: one of them keeps it from then on. Answers yielded,
-- or kept when another keeps it.
local keeper, channel = KEYS[1], KEYS[2]
local queue, scheduler = ARGV[1], ARGV[2]

if redis.call('HGET', keeper, 'scheduler') ~= scheduler then return { 'kept' } end
redis.call('DEL', keeper)
redis.call('PUBLISH', channel, 'due ' .. queue)
return { 'yielded' }
