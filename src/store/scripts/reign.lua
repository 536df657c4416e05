#!lua flags=allow-oom
-- A set of schedule files, told by its hash and by the number given to it ('' to count), wants to be in force. What follows are the numbers
-- of its kind that processes of the last two minutes have; what came into force meanwhile counts as living, its process may not have said so
-- yet. A set that comes back keeps its number. Answers reigns (it is in force), older (newer processes live), forced (a person has put an older
-- one in force, whose processes live), clash (another set has this number) or uncounted (numbers are given here); its number; the reign,
-- which grows each time that another set takes over; and the number in force.
local key = KEYS[1]
local hash, given, now, force, grace, remembered, fixed = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', 120000, 1000, 4
local stands = redis.call('HMGET', key, 'kind', 'number', 'reign', 'reignedAt', 'forced')
local kind, number = given ~= '' and 'given' or 'counted', tonumber(given)
local before, reign, reignedAt = tonumber(stands[2]), tonumber(stands[3] or 0), tonumber(stands[4] or 0)
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
local alive = now - reignedAt <= grace
local newer, known = alive and number < (before or 0), number <= tonumber(redis.call('HGET', key, 'highest') or 0)
for i = fixed + 1, #ARGV do
  newer, alive = newer or tonumber(ARGV[i]) > number, alive or tonumber(ARGV[i]) == before
end
if stands[1] == kind and not force then
  if number < before and newer then return answer('older') end
  if number > before and known and alive and stands[5] == '1' then return answer('forced') end
end
reign = redis.call('HINCRBY', key, 'reign', 1)
redis.call('HSET', key, 'reignedAt', string.format('%.0f', now), 'forced', force and 1 or 0)
if not known or stands[1] ~= kind then redis.call('HSET', key, 'highest', string.format('%.0f', number)) end
redis.call('HSET', key, 'kind', kind, 'number', string.format('%.0f', number))
return answer('reigns')
