#!lua flags=allow-oom
-- Jobs whose time has come move from scheduled to ready, at most `limit` and a page more, in the order of their due times and of a
-- client's calls. Answers how many moved, in how many ms the next is due ('' if none waits), and if another scheduler keeps this queue.
local pages, ready, scheduled, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local asleep, alarm, keeper, channel = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local now, queue, scheduler, limit, look, latest = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if now > (latest or now) then return { 0, '0', 0 } end -- the clock has leapt

redis.call('LLEN', ready) redis.call('HLEN', counts) redis.call('HLEN', keeper) -- of another type: it stops here
local moved, sorted = {}, true
for _, name in ipairs(redis.call('ZRANGE', scheduled, '-inf', now, 'BYSCORE', 'LIMIT', 0, 32)) do
  if #moved >= limit then break end
  local page, rest = open(pages .. name), math.huge
  local states, laned = {}, page and page.flags % 8 >= 4
  for slot = 0, page and page.slots - 1 or -1 do
    local state = page.state:sub(slot + 1, slot + 1)
    if state == 's' then
      local due = dueOf(page, slot)
      if due <= now then
        local before = moved[#moved]
        sorted = sorted and not (before and (before.due > due or (before.due == due and before.name > name)))
        state, moved[#moved + 1] = 'r', { due = due, name = laned and inLane(name, laneOf(page, slot)) or name, slot = slot }
      else
        rest = math.min(rest, due)
      end
    end
    states[slot + 1] = state
  end
  if page then page.state = table.concat(states) close(page) end
  if rest < math.huge then redis.call('ZADD', scheduled, rest, name) else redis.call('ZREM', scheduled, name) end
end

if not sorted then
  local function callBefore(a, b) return a.name < b.name or (a.name == b.name and a.slot < b.slot) end
  table.sort(moved, function(a, b) return a.due < b.due or (a.due == b.due and callBefore(a, b)) end)
end
if #moved > 0 then
  line(ready, counts, moved)
  redis.call('HINCRBY', counts, 'scheduled', -#moved)
  redis.call('HINCRBY', counts, 'ready', #moved)
  wake(asleep, channel, 'ready ' .. queue)
end

local head = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2]
local rest = head and math.max(0, tonumber(head) - now)
redis.call('SET', alarm, string.format('%.0f', now + math.min(rest or look, look)))
local kept = redis.call('HMGET', keeper, 'scheduler', 'until')
local spared = kept[1] and kept[1] ~= scheduler and tonumber(kept[2]) > now and tonumber(kept[2]) <= now + 2 * look
if not spared then redis.call('HSET', keeper, 'scheduler', scheduler, 'until', string.format('%.0f', now + 2 * look)) end
return { #moved, rest and string.format('%.0f', rest) or '', spared and 1 or 0 }
