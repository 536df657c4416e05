-- What the scripts of schedules share. A ledger is a list of entries of 29 bytes; what repeats in them is told by a number of two bytes for
-- it, 0 when there is none. `unended` looks at a thousand pages and then answers where it stopped, so does `callOff` after 64, or 250 jobs:
-- what waits is cancelled, and with `running` what runs is noted as cancelled, and its worker told.
local function numberOf(names, id, text)
  local known = redis.call('HGET', names .. id, text)
  if known then return tonumber(known) end
  local fresh = redis.call('HINCRBY', names .. id, '#', 1)
  return fresh <= 65535 and redis.call('HSET', names .. id, text, fresh) and fresh or 0
end
local function entry(fate, context, by, first, second, late, job, count)
  local numbers = struct.pack('>I4I4I4', math.min(late, 4294967295), job, count)
  return fate .. struct.pack('>I2I2', context, by) .. six(first) .. six(second) .. numbers
end
local function spotOf(id, number)
  return id .. ':' .. string.format('%08x', (number - number % 64) / 64), number % 64
end
local function pagesOf(id, from, to)
  local last = (to - 1 - (to - 1) % 64) / 64
  local function after(_, n) if n < last then return n + 1, (spotOf(id, 64 * n + 64)) end end
  return after, nil, (from - from % 64) / 64 - 1
end
local function unended(pages, id, from, to)
  local most = from - from % 64 + 65536
  for n, name in pagesOf(id, from, math.min(to, most)) do
    local page = open(pages .. name)
    local found = page and page.state:find('[srha]', math.max(1, from - 64 * n + 1))
    if found then return 64 * n + found - 1 end
  end
  return to > most and most or nil
end
local function callOff(pages, ended, counts, id, from, to, now, running)
  local off, total, noted, rest = { s = 0, r = 0, h = 0 }, 0, 0, nil
  for n, name in pagesOf(id, from, to) do
    if 64 * n >= from + 4096 or total + noted > 186 then rest = 64 * n break end
    local page = open(pages .. name)
    for slot in (running and page and page.state or ''):gmatch('()a') do
      if redis.call('HSETNX', running.cancels, name .. ' ' .. slot - 1, string.format('%.0f', now)) == 1 then
        noted = redis.call('HINCRBY', counts, 'cancelling', 1) and noted + 1
        redis.call('PUBLISH', running.channel, 'cancel ' .. running.queue .. ' ' .. name .. ' ' .. slot - 1)
      end
    end
    for slot, state in (page and page.state or ''):gmatch('()([srh])') do
      put(page, slot - 1, 'k')
      redis.call('RPUSH', ended, name .. ' ' .. slot - 1 .. ' 1 ' .. string.format('%.0f', now))
      off[state], total = off[state] + 1, total + 1
    end
    if page then close(page) end
  end
  local by = { scheduled = 0 - off.s, ready = 0 - off.r, held = 0 - off.h, ended = total, cancelled = total }
  for count, change in pairs(total > 0 and by or {}) do redis.call('HINCRBY', counts, count, change) end
  return rest
end
local function stand(ticks, key, id, next, due)
  if next == '' then return redis.call('ZREM', ticks, id), redis.call('HDEL', key, 'next') end
  return redis.call('ZADD', ticks, due, id), redis.call('HSET', key, 'next', next)
end
local function stateOfJob(pages, id, number) return stateOf(open(pages .. (spotOf(id, number))), number % 64) end
