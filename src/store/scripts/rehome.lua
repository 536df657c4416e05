#!lua flags=allow-oom
-- A name is given another home, or none (''), if it has the one that was read ('' for none). Answers the home that stands then.
local key = KEYS[1]
local name, from, to = ARGV[1], ARGV[2], ARGV[3]

local stands = redis.call('HGET', key, name) or ''
if stands ~= from then return { stands } end
if to == '' then redis.call('HDEL', key, name) else redis.call('HSET', key, name, to) end
return { to }
