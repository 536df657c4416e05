-- How jobs are taken from ready, a row of lanes (lanes.lua): the list `ready` stands among them at priority 5.
local function lanesOf(ready) -- the lists to take from, the most urgent first
  local lists, plain = {}, false
  for _, lane in ipairs(redis.call('ZRANGE', ready .. ':lanes', 0, 63)) do
    if not plain and lane > '5' then plain, lists[#lists + 1] = true, ready end
    lists[#lists + 1] = ready .. ':' .. lane
  end
  if not plain then lists[#lists + 1] = ready end
  return lists
end
local function nextRun(lists, ready, counts) -- of the first lane that has one; lanes that have none are left
  while lists[1] do
    local run = redis.call('LPOP', lists[1])
    if run then return run end
    local lane = table.remove(lists, 1):sub(#ready + 2)
    if lane ~= '' and redis.call('ZREM', ready .. ':lanes', lane) == 1 and redis.call('EXISTS', ready .. ':lanes') == 0 then
      redis.call('HDEL', counts, 'lanes')
    end
  end
  return ''
end
