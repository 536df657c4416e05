#!lua flags=allow-oom
-- A set of schedule files, told by its hash and by the number given to it ('' to count), wants to be in force; who looks only changes nothing.
-- What follows are the generations of processes of the last two minutes, given ones as v7; what came into force meanwhile counts as living,
-- its process may not have said so yet. A set that comes back keeps its number. Answers reigns (it is in force), older (newer processes live),
-- forced (a person has put another in force in place of those known then, and it, or what came after it, lives), clash (another set has this number) or
-- uncounted (numbers are given here); its number; the reign, which grows each time that another set takes over; the number in force before;
-- and 1 if the set was known before; and whether what was in force was given or counted.
local key = KEYS[1]
local hash, given, now, force, look, fixed = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5] == '1', 5
local kind, number, grace, remembered = given ~= '' and 'given' or 'counted', tonumber(given), 120000, 1000
local stands = redis.call('HMGET', key, 'kind', 'number', 'reign', 'reignedAt', 'forced', 'last', 'highest:' .. kind)
local before, reign, reignedAt = tonumber(stands[2] or nil), tonumber(stands[3] or 0), tonumber(stands[4] or 0)
local known = redis.call('HGET', key, number and 'given:' .. given or 'set:' .. hash)
local function answer(word) return { word, number or 0, reign, before or 0, known and 1 or 0, stands[1] or '' } end
local function write(command, ...) return look or redis.call(command, key, ...) end

if number then
  if known and known ~= hash then return answer('clash') end
  write('HSET', 'given:' .. given, hash)
  write('HDEL', 'given:' .. string.format('%.0f', number - remembered))
else
  number = tonumber(known or nil)
  if stands[1] == 'given' and not force then return answer('uncounted') end
  if not number then
    number = (stands[6] or 0) + 1
    write('HSET', 'last', number, 'set:' .. hash, number, 'hash:' .. number, hash)
    local old = redis.call('HGET', key, 'hash:' .. number - remembered)
    if old then write('HDEL', 'set:' .. old, 'hash:' .. number - remembered) end
  end
end
local isSame, isKind = stands[1] == kind and before == number, stands[1] == kind
if isSame and not force then return answer('reigns') end
local alive, wasKnown = math.abs(now - reignedAt) <= grace, number <= tonumber(stands[7] or 0)
local newer = alive and isKind and number < before
for i = fixed + 1, #ARGV do
  local its, living = ARGV[i]:byte() == 118 and 'given' or 'counted', tonumber(ARGV[i]:match('%d+'))
  newer, alive = newer or its == kind and living > number, alive or its == stands[1] and living == before
end
if not force then
  if isKind and number < before and newer then return answer('older') end
  if not (isKind and number < before) and wasKnown and alive and stands[5] == '1' then return answer('forced') end
end
if not isSame then reign = reign + 1 end
write('HSET', 'reign', reign, 'reignedAt', string.format('%.0f', now), 'forced', (force or isKind and not wasKnown and stands[5] == '1') and 1 or 0)
if not wasKnown then write('HSET', 'highest:' .. kind, string.format('%.0f', number)) end
write('HSET', 'kind', kind, 'number', string.format('%.0f', number))
return answer('reigns')
