#!lua
-- A schedule's due tick becomes a job, once: the schedule's next tick -> ready. Its cursor moves on and the ledger is written in the
-- same step. Answers fired with the number of the job, moved (another has done it, or the definition changed), or early.
local pages, ready, counts, ticks, schedules, ledgers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local asleep, channel = KEYS[7], KEYS[8]
local now, queue, id, cursor, version = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local next, due, record, apart, entry = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local kept = 1000

local stands = redis.call('ZSCORE', ticks, id)
if not stands or tonumber(stands) ~= tonumber(cursor) then return { 'moved' } end
if redis.call('HGET', schedules .. id, 'version') ~= version then return { 'moved' } end
if tonumber(due) > now then return { 'early' } end

redis.call('LLEN', ready) redis.call('HLEN', counts) redis.call('LLEN', ledgers .. id) -- of another type: it stops here

local seq = ''
if record ~= '' then
  seq = redis.call('HINCRBY', schedules .. id, 'made', 1) - 1
  local slot = seq % 64
  local name = id .. ':' .. string.format('%08x', (seq - slot) / 64)
  append(pages .. name, slot, { record }, 'r', six(tonumber(due)), six(now), apart ~= '' and 1 or 0)
  if apart ~= '' then redis.call('SET', pages .. name .. ':' .. slot, apart) end
  redis.call('RPUSH', ready, name .. ' ' .. slot .. ' 1')
  redis.call('HSET', schedules .. id, 'lastPlannedAt', due, 'lastFiredAt', string.format('%.0f', now))
  redis.call('HINCRBY', counts, 'ready', 1)
  redis.call('HINCRBY', counts, 'fired', 1)
  wake(asleep, channel, 'ready ' .. queue)
end
if next == '' then redis.call('ZREM', ticks, id) else redis.call('ZADD', ticks, next, id) end
redis.call('RPUSH', ledgers .. id, string.format('%.0f ', now) .. entry .. ' ' .. seq)
redis.call('LTRIM', ledgers .. id, -kept, -1)
return { 'fired', seq }
