#!lua flags=allow-oom
-- Looks, and moves nothing: the schedules whose next tick is due, the earliest first, at most `limit`, after the first `passed`; when none is
-- due, those that are within `ahead`, at most `coming`, after the first `known`. Answers the time, when the first of the others is due ('' if
-- none is), of each its id, when it is due, next planned tick, rev, version, generation, tz, pauses and ticks called off, and the ids of those
-- that may stand behind a run in a queue that they fed before.
local ticks, schedules = KEYS[1], KEYS[2]
local now, limit, ahead, coming, passed, known = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local head, found, behind, rest = redis.call('ZRANGE', ticks, 0, 0, 'WITHSCORES')[2], {}, {}, ''
local isDue = head and tonumber(head) <= now
local most, upTo, from = isDue and limit or coming, isDue and now or now + ahead, isDue and passed or known
local some = redis.call('ZRANGE', ticks, from, from + most, 'WITHSCORES')
for i = 1, #some, 2 do
  if tonumber(some[i + 1]) > upTo or i > 2 * most then
    rest = some[i + 1]
    break
  end
  local stands = redis.call('HMGET', schedules .. some[i], 'next', 'rev', 'version', 'generation', 'tz', 'pauses', 'skips', 'behind')
  found[#found + 1], found[#found + 2] = some[i], some[i + 1]
  for field = 1, 7 do found[#found + 1] = stands[field] or '' end
  if (stands[8] or '') ~= '' then behind[#behind + 1] = some[i] end
end
return { now, isDue and rest or head or '', found, behind }
