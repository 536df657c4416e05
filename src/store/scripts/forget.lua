#!lua flags=allow-oom
-- Own ids of jobs that ended more than `age` milliseconds ago may be used again; at most `limit` in a call. Answers how many.
-- Every `turn` milliseconds the clients' call numbers that were not used since the last turn are forgotten too.
local own, forget, clients, former, turned = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, age, turn, limit, latest = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if now > (latest or now) then return { 0 } end -- the clock has leapt

redis.call('HLEN', own) redis.call('STRLEN', turned) -- of another type: it stops here
local count = 0
local head = redis.call('LINDEX', forget, 0)
while head and count < limit do
  local at, key = head:match('^(%d+) (.*)$')
  if tonumber(at) > now - age then break end
  redis.call('LPOP', forget)
  redis.call('HDEL', own, key)
  count = count + 1
  head = redis.call('LINDEX', forget, 0)
end
local last = tonumber(redis.call('GET', turned) or 0)
if last == 0 or last > now then
  redis.call('SET', turned, string.format('%.0f', now))
elseif last <= now - turn then
  redis.call('SET', turned, string.format('%.0f', now))
  redis.call('UNLINK', former)
  if redis.call('EXISTS', clients) == 1 then redis.call('RENAME', clients, former) end
end
return { count }
