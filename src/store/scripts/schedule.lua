-- What the scripts of schedules share. A ledger is a list of entries of 29 bytes; what repeats in them is told by a number for it.
local function numberOf(names, id, text)
  local known = redis.call('HGET', names .. id, text) or redis.call('HINCRBY', names .. id, '#', 1)
  redis.call('HSETNX', names .. id, text, known)
  return tonumber(known)
end
local function entry(fate, context, by, first, second, late, job, count)
  local instants, numbers = six(first) .. six(second), struct.pack('>I4I4I4', math.min(late, 4294967295), job, count)
  return fate .. struct.pack('>I2I2', context, by) .. instants .. numbers
end
local function pagesOf(id, from, to)
  local last = (to - 1 - (to - 1) % 64) / 64
  local function after(_, n)
    if n < last then return n + 1, id .. ':' .. string.format('%08x', n + 1) end
  end
  return after, nil, (from - from % 64) / 64 - 1
end
local function unended(pages, id, from, to)
  for n, name in pagesOf(id, from, to) do
    local page = open(pages .. name)
    local found = page and page.state:find('[srha]', math.max(1, from - 64 * n + 1))
    if found then return 64 * n + found - 1 end
  end
end
local function callOff(pages, ended, counts, id, from, to, now)
  local off = 0
  for _, name in pagesOf(id, from, to) do
    local page = open(pages .. name)
    for slot = 0, page and page.slots - 1 or -1 do
      local place = ({ s = 'scheduled', r = 'ready', h = 'held' })[stateOf(page, slot)]
      if place then
        put(page, slot, 'k')
        redis.call('RPUSH', ended, name .. ' ' .. slot .. ' 1 ' .. string.format('%.0f', now))
        off = off + 1, redis.call('HINCRBY', counts, place, -1)
      end
    end
    if page then close(page) end
  end
  for _, total in ipairs({ 'ended', 'cancelled' }) do redis.call('HINCRBY', counts, total, off) end
  return unended(pages, id, from, to)
end
local function bring(pages, ready, scheduled, s, planned, due, record, apart, state, now)
  local slot, number = s.made % 64, s.made
  local name = s.id .. ':' .. string.format('%08x', (number - slot) / 64)
  append(pages .. name, slot, { record }, state, six(due), six(now), apart and 1 or 0)
  if apart then redis.call('SET', pages .. name .. ':' .. slot, apart) end
  if state == 'r' then redis.call('RPUSH', ready, name .. ' ' .. slot .. ' 1')
  elseif state == 's' then redis.call('ZADD', scheduled, 'LT', due, name) end
  s.made, s.last = number + 1, planned
  return number
end
local function stand(ticks, key, id, next, due)
  if next == '' then return redis.call('ZREM', ticks, id), redis.call('HDEL', key, 'next') end
  redis.call('ZADD', ticks, due, id)
  redis.call('HSET', key, 'next', next)
end
local function stateOfJob(pages, id, number)
  local slot = number and number % 64
  return number and stateOf(open(pages .. id .. ':' .. string.format('%08x', (number - slot) / 64)), slot)
end
