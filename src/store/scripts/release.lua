#!lua flags=allow-oom
-- Jobs held under a name that a worker knows go on, the oldest first, at most `limit`: held -> front of ready. Answers how many
-- entries were looked at and how many jobs went.
local pages, ready, holds, held, counts, asleep, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local queue, job, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])

redis.call('LLEN', ready) redis.call('ZCARD', holds) redis.call('HLEN', counts) -- of another type: it stops here
local entries = redis.call('LPOP', held .. job, limit) or {}
local moved = 0
for i = #entries, 1, -1 do
  local name, slot = entries[i]:match('^(%S+) (%d+)')
  local page = open(pages .. name)
  if stateOf(page, tonumber(slot)) == 'h' then
    put(page, tonumber(slot), 'r')
    close(page)
    push('LPUSH', ready, counts, laneOf(page, tonumber(slot)), name .. ' ' .. slot .. ' 1')
    moved = moved + 1
  end
end
if redis.call('EXISTS', held .. job) == 0 then redis.call('ZREM', holds, job) end
if moved > 0 then
  redis.call('HINCRBY', counts, 'held', -moved)
  redis.call('HINCRBY', counts, 'ready', moved)
  wake(asleep, channel, 'ready ' .. queue)
end
return { #entries, moved }
