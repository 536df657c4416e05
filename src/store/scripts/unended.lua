#!lua flags=no-writes,allow-oom
-- Looks, and moves nothing: how many of the jobs of a schedule have not ended, among the last `limit` that it made. Answers how many are
-- scheduled, ready, held and active, and the number of the first of them, '' when there is none; with `only` it looks no further than that.
local pages, schedules = KEYS[1], KEYS[2]
local id, limit, only = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'

local stands = redis.call('HMGET', schedules .. id, 'made', 'open')
local made, from = tonumber(stands[1] or 0), tonumber(stands[2] or 0)
local found, first = { s = 0, r = 0, h = 0, a = 0 }, ''
for n, name in pagesOf(id, math.max(from, made - limit), made) do
  local page = open(pages .. name)
  for slot, state in (page and page.state or ''):gmatch('()([srha])') do
    found[state] = found[state] + 1
    if first == '' then first = 64 * n + slot - 1 end
  end
  if only and first ~= '' then break end
end
return { found.s, found.r, found.h, found.a, first }
