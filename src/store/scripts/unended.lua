#!lua flags=no-writes,allow-oom
-- Looks, and moves nothing: how many of the jobs of a schedule have not ended, among the last `limit` that it made. Answers how many are
-- scheduled, ready, held and active.
local pages, schedules = KEYS[1], KEYS[2]
local id, limit = ARGV[1], tonumber(ARGV[2])

local made = tonumber(redis.call('HGET', schedules .. id, 'made') or 0)
local found = { s = 0, r = 0, h = 0, a = 0 }
for _, name in pagesOf(id, math.max(0, made - limit), made) do
  local page = open(pages .. name)
  for state in (page and page.state or ''):gmatch('[srha]') do found[state] = found[state] + 1 end
end
return { found.s, found.r, found.h, found.a }
