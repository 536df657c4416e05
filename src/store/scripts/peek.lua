#!lua flags=no-writes,allow-oom
-- The `limit` jobs of a queue that are due next: their due instants, places and records, the soonest first; and the oldest ready job's.
local pages, scheduled, ready = KEYS[1], KEYS[2], KEYS[3]
local now, limit = clock(ARGV[1]), tonumber(ARGV[2])

local found = {}
local names = redis.call('ZRANGE', scheduled, 0, 2 * limit, 'WITHSCORES')
for i = 1, #names, 2 do
  if #found >= limit and tonumber(names[i + 1]) > found[limit].due then break end
  local page = open(pages .. names[i])
  for slot = 0, page and page.slots - 1 or -1 do
    if stateOf(page, slot) == 's' then found[#found + 1] = { due = dueOf(page, slot), page = page, name = names[i], slot = slot } end
  end
  table.sort(found, function(a, b) return a.due < b.due or (a.due == b.due and a.name .. a.slot < b.name .. b.slot) end)
end
local answer = {}
for i = 1, math.min(limit, #found) do
  local job = found[i]
  answer[i] = { job.name, job.slot, job.due, (redis.call('LINDEX', job.page.key, job.slot + 1)) }
end
local oldest = ''
local function firstIn(list)
  for _, run in ipairs(redis.call('LRANGE', list, 0, 31)) do
    local name, first, count = run:match('^(%S+) (%d+) (%d+)$')
    local page = open(pages .. name)
    for slot = tonumber(first), first + count - 1 do
      if stateOf(page, slot) == 'r' then return dueOf(page, slot) end
    end
  end
end
for _, list in ipairs(lanesOf(ready)) do
  local due = firstIn(list)
  if due and (oldest == '' or due < oldest) then oldest = due end
end
return { now, oldest, answer }
