#!lua flags=allow-oom
-- Dead jobs beyond `keep`, or older than `age`, are dropped, at most `limit`, or those that are named, each by page, slot and the instant of
-- its death: dead -> gone. An own id is remembered a while longer. Answers how many were dropped.
local pages, dead, counts, forget = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now, keep, age, limit, latest = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local fixed, named = 5, #ARGV > 5
if now > (latest or now) then return { 0 } end -- the clock has leapt

redis.call('HLEN', counts) redis.call('LLEN', forget) -- of another type: it stops here
local surplus = redis.call('ZCARD', dead) - keep
local dropped = 0
local all = named and {} or redis.call('ZRANGE', dead, 0, limit - 1, 'WITHSCORES')
for i = fixed + 1, #ARGV, 2 do -- one that has died anew meanwhile is another
  if tonumber(redis.call('ZSCORE', dead, ARGV[i]) or '') == tonumber(ARGV[i + 1]) then
    all[#all + 1], all[#all + 2] = ARGV[i], ARGV[i + 1]
  end
end
for i = 1, #all, 2 do
  if not named and dropped >= surplus and tonumber(all[i + 1]) > now - age then break end
  local name, slot = all[i]:match('^(%S+) (%d+)$')
  local page = open(pages .. name)
  if stateOf(page, tonumber(slot)) == 'D' then
    local id = redis.call('LINDEX', page.key, slot + 1):match('^[^\n]*\n([^\n]*\n[^\n]+)\n')
    if id then redis.call('RPUSH', forget, string.format('%.0f ', now) .. id:gsub('\n', ' ')) end
    put(page, tonumber(slot), '-')
    redis.call('LSET', page.key, slot + 1, '')
    redis.call('DEL', page.key .. ':' .. slot)
    close(page)
    if not page.state:find('[^%-]') then redis.call('DEL', page.key) end
  end
  redis.call('ZREM', dead, all[i])
  dropped = dropped + 1
end
if dropped > 0 then redis.call('HINCRBY', counts, 'dead', -dropped) end
return { dropped }
