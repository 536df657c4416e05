#!lua
-- One client's numbered call of jobs enters its pages: what is due now is ready, the rest scheduled. Answers stored, known (taken before), gap (an earlier call is neither
-- taken nor given up) or leapt (a delay would count from a time over a minute from the `expected` one), the time, the number awaited of this client now, and before.
-- A job is its record, after '+' and a delay or '@' and an instant if it is not due now. Another form begins with '!' and a lane, if any: due time, own id with a hash of its payload,
-- record, and its payload if that lies apart. An own id that stands already makes no job: its entry is told.
local clients, former, pages, ready, scheduled, own, counts, asleep, alarm, channel = unpack(KEYS)
local now, queue, client, first = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local count, floor, expected, argument = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), 8

local awaited = tonumber(redis.call('HGET', clients, client) or redis.call('HGET', former, client) or 0)
local word = first + count <= awaited and 'known' or (first < awaited or first > awaited and floor < first) and 'gap'
  or expected and math.abs(now - expected) > 60000 and 'leapt'
if word then return { word, now, awaited } end

redis.call('LLEN', ready) redis.call('ZCARD', scheduled) redis.call('HLEN', counts) redis.call('STRLEN', alarm) -- of another type: it stops here
local instant, words, fresh, soonest, index = six(now), {}, { r = 0, s = 0, ['-'] = 0 }, math.huge, 0
local function dueAt(at)
  return at == '' and now or at:byte() == 43 and now + tonumber(at:sub(2)) or math.max(now, tonumber(at:sub(2)))
end
local function special(name, slot, lane)
  local at, id, record, payload = unpack(ARGV, argument + 1, argument + 4) argument = argument + 4
  if id ~= '' then
    local key, hash = id:match('^(.*) (%S*)$')
    local entry = redis.call('HGET', own, key)
    words[#words + 1] = entry or ''
    if entry then return now, '', 0, '-' end
    redis.call('HSET', own, key, name .. ' ' .. slot .. ' ' .. hash)
  end
  if payload ~= '' then redis.call('SET', pages .. name .. ':' .. slot, payload) end
  return dueAt(at), record, (id ~= '' and 2 or 0) + (payload ~= '' and 1 or 0) + (lane ~= '' and 4 or 0)
end

while index < count do
  local slot, take = (first + index) % 64, math.min(64 - (first + index) % 64, count - index)
  local name = client .. ':' .. string.format('%08x', (first + index - slot) / 64)
  local states, dues, records, flags, earliest, lanes = {}, {}, {}, 0, math.huge, {}
  for n = 1, take do
    local record, due, flag, state = ARGV[argument], now, 0, nil
    local kind = record:byte()
    if kind == 33 then
      lanes[n], due, record, flag, state = record:sub(2), special(name, slot + n - 1, record:sub(2))
      flags = bit.bor(flags, flag)
    elseif kind ~= 49 then
      due, argument, record = dueAt(record), argument + 1, ARGV[argument + 1]
    end
    state, argument = state or (due > now and 's' or 'r'), argument + 1
    states[n], dues[n], records[n], fresh[state] = state, due == now and instant or six(due), record, fresh[state] + 1
    if due < earliest and state == 's' then earliest = due end
  end
  local all = table.concat(states)
  append(pages .. name, slot, records, all, table.concat(dues), instant:rep(take), flags)
  if earliest < math.huge then redis.call('ZADD', scheduled, 'LT', earliest, name) end
  if flags >= 4 then lineSlots(ready, counts, name, slot, states, lanes)
  elseif all:find('r', 1, true) then redis.call('RPUSH', ready, name .. ' ' .. slot .. ' ' .. take) end
  soonest, index = math.min(soonest, earliest), index + take
end
redis.call('HSET', clients, client, string.format('%.0f', first + count))
if fresh.s > 0 then redis.call('HINCRBY', counts, 'scheduled', fresh.s) alert(alarm, soonest, channel, 'due ' .. queue) end
if fresh.r > 0 then redis.call('HINCRBY', counts, 'ready', fresh.r) wake(asleep, channel, 'ready ' .. queue) end
return { 'stored', now, first + count, words, awaited }
