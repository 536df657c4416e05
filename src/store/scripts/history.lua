#!lua flags=allow-oom
-- Looks, and moves nothing: entries of a schedule's ledger from one place in it to another, the texts that numbers in them stand for, and
-- the definition in force. Answers how many entries there are, the entries, texts and numbers in turn, version and definition.
local ledgers, names, schedules = KEYS[1], KEYS[2], KEYS[3]
local id, from, to = ARGV[1], ARGV[2], ARGV[3]

local stands = redis.call('HMGET', schedules .. id, 'version', 'definition')
local entries = redis.call('LRANGE', ledgers .. id, from, to)
return { redis.call('LLEN', ledgers .. id), entries, redis.call('HGETALL', names .. id), stands[1] or '', stands[2] or '' }
