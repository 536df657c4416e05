#!lua flags=allow-oom
-- An environment takes the namespace from the one that was read ('' for none). Answers the environment that it belongs to then.
local key = KEYS[1]
local name, from = ARGV[1], ARGV[2]

local stands = redis.call('GET', key) or ''
if stands ~= from then return { stands } end
redis.call('SET', key, name)
return { name }
