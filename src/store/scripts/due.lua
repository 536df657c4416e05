#!lua flags=allow-oom
-- Looks, and moves nothing: the schedules whose next tick is due, the earliest first, at most `limit`. Answers the time, when the first of
-- the others is due ('' if none is), and of each due one its id, next planned tick, rev, version, generation, pauses and ticks called off.
local ticks, schedules = KEYS[1], KEYS[2]
local now, limit = clock(ARGV[1]), tonumber(ARGV[2])

local head, found, rest = redis.call('ZRANGE', ticks, 0, limit, 'WITHSCORES'), {}, ''
for i = 1, #head, 2 do
  if tonumber(head[i + 1]) > now or i > 2 * limit then
    rest = head[i + 1]
    break
  end
  local stands = redis.call('HMGET', schedules .. head[i], 'next', 'rev', 'version', 'generation', 'pauses', 'skips')
  found[#found + 1] = head[i]
  for field = 1, 6 do found[#found + 1] = stands[field] or '' end
end
return { now, rest, found }
