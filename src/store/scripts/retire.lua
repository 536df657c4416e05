#!lua flags=allow-oom
-- A schedule is in force no longer, here: it has no next tick, and the ledger says what was still owed (`count` ticks, from first to last).
-- What it made stays; `heir` is the queue that it goes on in, from where it ended if it was to go on, else from now. Nobody of an earlier
-- reign, or who read it before, puts it in force here any more; with '' for `rev` that is all. Answers retired, moved (things have changed since `rev`), newer (a
-- later reign has applied it) or unknown (it is not in force).
local ticks, schedules, ledgers, names = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, rev, reign, since, context, by = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local from, first, last, count, heir = ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11]
local key = schedules .. id

local stands = redis.call('HMGET', key, 'rev', 'version', 'reign', 'next', 'definition', 'heir', 'since')
if tonumber(stands[3] or 0) > reign then return { 'newer' } end
if not stands[2] and rev == '' then
  redis.call('HSETNX', key, 'name', '')
  redis.call('HSET', key, 'reign', reign)
  redis.call('HINCRBY', key, 'rev', 1)
  return { 'unknown' }
elseif not stands[2] then
  if stands[1] ~= rev then return { heir == '' and 'unknown' or 'moved' } end
  local goesOn = (stands[6] or '') ~= ''
  redis.call('HSET', key, 'rev', rev + 1, 'reign', reign, 'since', goesOn and stands[7] or since, 'heir', heir)
  return { 'retired' }
end
if stands[1] ~= rev or (stands[4] or '') ~= from then return { 'moved' } end
redis.call('ZCARD', ticks) redis.call('LLEN', ledgers .. id) redis.call('HLEN', names .. id) -- of another type: it stops here
local number, process = numberOf(names, id, context), numberOf(names, id, '@' .. by)
if count > 0 then
  redis.call('RPUSH', ledgers .. id, entry('s', number, process, first, count == 1 and since or last, 0, 0, count))
end
redis.call('RPUSH', ledgers .. id, entry('w', number, process, since, since, 0, 0, 1))
stand(ticks, key, id, '', '')
redis.call('HSET', names .. id, '=' .. stands[2], stands[5])
redis.call('HDEL', key, 'version', 'definition')
redis.call('HSET', key, 'rev', rev + 1, 'reign', reign, 'since', since, 'heir', heir)
return { 'retired' }
