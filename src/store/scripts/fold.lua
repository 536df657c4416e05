#!lua flags=allow-oom
-- Neighbouring entries of one fate in a schedule's ledger become one, but for the newest `tail`; what is older than `oldest`, or more than
-- `keep`, is dropped, and it is noted up to when. What no entry tells any more goes too, and a schedule of which nothing is left. Answers
-- how many entries are left.
local pages, schedules, ledgers, names = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, keep, oldest, tail = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local key, folded = schedules .. id, {}

redis.call('HLEN', key) redis.call('HLEN', names .. id) -- of another type: it stops here
local all = redis.call('LRANGE', ledgers .. id, 0, -1)
for i, text in ipairs(all) do
  local fate, context, first = text:sub(1, 1), struct.unpack('>I2', text, 2), sixAt(text:sub(6, 11), 0)
  local late, job, count = struct.unpack('>I4I4I4', text, 18)
  local last, before = count == 1 and first or sixAt(text:sub(12, 17), 0), folded[#folded]
  local alike = before and i <= #all - tail and before.fate == fate and before.context == context and first > before.last
  if alike and ('flb'):find(fate, 1, true) then alike = before.job + before.count == job end
  if alike and fate == 'c' then alike = before.late == late and before.job == job end
  if alike and not ('awer'):find(fate, 1, true) then
    before.late = fate == 'c' and late or math.max(before.late, late)
    before.last, before.count, before.text = last, before.count + count, nil
  else
    folded[#folded + 1] = { fate = fate, context = context, by = struct.unpack('>I2', text, 4), first = first, last = last, late = late, job = job, count = count, text = text }
  end
end
local from, dropped = 1, nil
while folded[from] and (#folded - from + 1 > keep or folded[from].last < oldest) do
  dropped, from = folded[from].last, from + 1
end
if dropped then redis.call('HSET', key, 'dropped', string.format('%.0f', dropped)) end
if #folded - from + 1 < #all then
  local texts, used = {}, { ['#'] = true }
  for i = from, #folded do
    local e = folded[i]
    texts[#texts + 1] = e.text or entry(e.fate, e.context, 0, e.first, e.last, e.late, e.job, e.count)
    used[tostring(e.context)], used[tostring(e.text and e.by or 0)] = true, true
  end
  redis.call('DEL', ledgers .. id)
  if #texts > 0 then redis.call('RPUSH', ledgers .. id, unpack(texts)) end
  local told, versions = redis.call('HGETALL', names .. id), { [redis.call('HGET', key, 'version') or ''] = true }
  for i = 1, #told, 2 do
    if used[told[i + 1]] then versions[told[i]:match('^%S+ (%S+)') or ''] = true end
  end
  for i = 1, #told, 2 do
    local text, version = told[i], told[i]:match('^=(.*)')
    if text ~= '#' and not (version and versions[version]) and not used[told[i + 1]] then redis.call('HDEL', names .. id, text) end
  end
end
local stands = redis.call('HMGET', key, 'made', 'open', 'version')
local made, lowest = tonumber(stands[1] or 0), tonumber(stands[2] or 0)
redis.call('HSET', key, 'open', unended(pages, id, lowest, math.min(made, lowest + 16384)) or math.min(made, lowest + 16384))
if stands[3] or redis.call('LLEN', ledgers .. id) > 0 then return { #folded - from + 1 } end
redis.call('DEL', key, names .. id)
return { -1 }
