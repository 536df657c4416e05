#!lua flags=allow-oom
-- A set of schedule files, told by its hash and by the number given to it ('' to count), wants to be in force. `living` is the highest
-- number of its kind that a process of the last two minutes has. A set that comes back keeps its number. Answers reigns (it is in force),
-- older (newer processes live), clash (another set has this number) or uncounted (numbers are given here); its number; the reign, which
-- grows each time that another set takes over; and the number in force.
local key = KEYS[1]
local hash, given, living, force, remembered = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', 1000
local stands = redis.call('HMGET', key, 'kind', 'number', 'reign')
local kind, number = given ~= '' and 'given' or 'counted', tonumber(given)
local before, reign = tonumber(stands[2]), tonumber(stands[3] or 0)
local function answer(word) return { word, number or 0, reign, before or 0 } end

if number then
  local known = redis.call('HGET', key, 'given:' .. given)
  if known and known ~= hash then return answer('clash') end
  redis.call('HSET', key, 'given:' .. given, hash)
  redis.call('HDEL', key, 'given:' .. string.format('%.0f', number - remembered))
else
  number = tonumber(redis.call('HGET', key, 'set:' .. hash) or nil)
  if stands[1] == 'given' and not force then return answer('uncounted') end
  if not number then
    number = redis.call('HINCRBY', key, 'last', 1)
    redis.call('HSET', key, 'set:' .. hash, number, 'hash:' .. number, hash)
    local old = redis.call('HGET', key, 'hash:' .. number - remembered)
    if old then redis.call('HDEL', key, 'set:' .. old, 'hash:' .. number - remembered) end
  end
end
if stands[1] == kind and before == number then return answer('reigns') end
if stands[1] == kind and number < before and living >= before and not force then return answer('older') end
reign = redis.call('HINCRBY', key, 'reign', 1)
redis.call('HSET', key, 'kind', kind, 'number', string.format('%.0f', number))
return answer('reigns')
