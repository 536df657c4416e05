#!lua flags=allow-oom
-- Neighbouring entries of one fate in a schedule's ledger become one, but for the newest `tail`: some in a call, from place `at` in it. When
-- all were looked at, what is older than `oldest`, or more than `keep`, is dropped, and it is noted up to when. What a newer release wrote
-- stays as it is. Answers how many entries are left, and the place to go on from, '' at the end.
local schedules, ledgers = KEYS[1], KEYS[2]
local id, keep, oldest, tail, at, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), 500
local key, ledger, folded, gone = schedules .. id, ledgers .. id, {}, 0

redis.call('HLEN', key) -- of another type: it stops here
local function read(text)
  local _, context, _, high, low, end1, end2, late, job, count = 0, struct.unpack('>I2I2I2I4I2I4I4I4I4', text .. ('\0'):rep(29 - #text), 2)
  local first = high * 4294967296 + low
  return { fate = text:sub(1, 1), context = context, first = first, last = count <= 1 and first or end1 * 4294967296 + end2,
    late = late, job = job, count = count, text = text, ours = #text == 29 and ('flcopdxmkbs'):find(text:sub(1, 1), 1, true) }
end
local total, all = redis.call('LLEN', ledger), redis.call('LRANGE', ledger, at, at + window - 1)
for i, text in ipairs(all) do
  local e, before = read(text), folded[#folded]
  local alike = e.ours and before and before.ours and before.fate == e.fate and before.context == e.context and e.first > before.last
  if alike and ('flb'):find(e.fate, 1, true) then alike = before.job + before.count == e.job end
  if alike and e.fate == 'c' then alike = before.late == e.late and before.job == e.job end
  if alike and at + i <= total - tail then
    before.late = e.fate == 'c' and e.late or math.max(before.late, e.late)
    before.last, before.count, before.text = e.last, before.count + e.count, nil
  else
    folded[#folded + 1] = e
  end
end
for i = 1, #all do
  local e = folded[i]
  local text = not e and '' or e.text or entry(e.fate, e.context, 0, e.first, e.last, e.late, e.job, e.count)
  if text ~= all[i] then redis.call('LSET', ledger, at + i - 1, text) end
end
if #folded < #all then redis.call('LREM', ledger, 0, '') end
local left = total - #all + #folded
if at + #all < total then return { left, at + #folded - 1 } end

local head, dropped = redis.call('LRANGE', ledger, 0, window - 1), tonumber(redis.call('HGET', key, 'dropped') or 0)
for _, text in ipairs(head) do
  local last = read(text).last
  if left - gone <= keep and last >= oldest then break end
  gone, dropped = gone + 1, math.max(dropped, last)
end
if gone > 0 then
  redis.call('LTRIM', ledger, gone, -1)
  redis.call('HSET', key, 'dropped', dropped)
end
return { left - gone, gone == window and left > gone and math.max(0, at + #folded - gone - 1) or '' }
