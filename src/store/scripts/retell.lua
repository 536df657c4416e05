#!lua flags=allow-oom
-- What no entry of a schedule's ledger tells any more is forgotten, and numbers for what is told are given anew before they run out. Answers
-- stands, or empty when nothing is left of a schedule that was in force once; with `gone` that goes too: gone.
local pages, schedules, ledgers, names = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, gone, most, many = ARGV[1], ARGV[2] == '1', 1000, 30000
local key, ledger, told = schedules .. id, ledgers .. id, names .. id

local stands = redis.call('HMGET', key, 'made', 'open', 'version', 'name')
local total, last = redis.call('LLEN', ledger), tonumber(redis.call('HGET', told, '#') or 0)
if total <= most and last > 0 then
  local all, pairsTold = redis.call('LRANGE', ledger, 0, -1), redis.call('HGETALL', told)
  local used, versions, fresh, count = {}, { [stands[3] or ''] = true }, {}, 0
  for _, text in ipairs(all) do
    local context, by = struct.unpack('>I2I2', text, 2)
    used[context], used[by] = true, true
  end
  for i = 1, #pairsTold, 2 do
    if used[tonumber(pairsTold[i + 1])] then versions[pairsTold[i]:match('^%S+ (%S+)') or ''] = true end
  end
  for i = 1, #pairsTold, 2 do
    local text, number, version = pairsTold[i], tonumber(pairsTold[i + 1]), pairsTold[i]:match('^=(.*)')
    if version and not versions[version] or not version and text ~= '#' and not used[number] then
      redis.call('HDEL', told, text)
      redis.call('HDEL', key, 'told') -- what fire remembers of these numbers
    elseif not version and text ~= '#' and last > many then
      count = count + 1
      fresh[number] = redis.call('HSET', told, text, count) and count
    end
  end
  if last > many then
    redis.call('HSET', told, '#', count)
    redis.call('HDEL', key, 'told')
    for i, text in ipairs(all) do
      local context, by = struct.unpack('>I2I2', text, 2)
      redis.call('LSET', ledger, i - 1, text:sub(1, 1) .. struct.pack('>I2I2', fresh[context] or 0, fresh[by] or 0) .. text:sub(6))
    end
  end
end
if stands[4] then
  local made, open = tonumber(stands[1] or 0), tonumber(stands[2] or 0)
  redis.call('HSET', key, 'open', unended(pages, id, open, made) or made)
end
if stands[3] or total > 0 or not stands[4] then return { 'stands' } end
if not gone then return { 'empty' } end
redis.call('DEL', key, told)
return { 'gone' }
