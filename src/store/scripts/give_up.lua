#!lua flags=allow-oom
-- Jobs that nobody has known for `patience` milliseconds: held -> dead, at most `limit`. An entry older than the job's due instant was
-- left by a reschedule and counts no more. Records of newer releases, held under '#' and their version, wait for one. Answers how many.
local pages, holds, held, dead, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, patience, limit, latest = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if now > (latest or now) then return { 0 } end -- the clock has leapt

redis.call('ZCARD', dead) redis.call('HLEN', counts) -- of another type: it stops here
local moved, looked = 0, 0
for _, job in ipairs(redis.call('ZRANGE', holds, '-inf', now - patience, 'BYSCORE', 'LIMIT', 0, 8)) do
  local head = redis.call('LINDEX', held .. job, 0)
  while head and looked < limit and job:sub(1, 1) ~= '#' do
    local name, slot, since = head:match('^(%S+) (%d+) (%d+)$')
    if tonumber(since) > now - patience then break end
    redis.call('LPOP', held .. job)
    looked = looked + 1
    local page = open(pages .. name)
    if stateOf(page, tonumber(slot)) == 'h' and tonumber(since) >= dueOf(page, tonumber(slot)) then
      put(page, tonumber(slot), 'D')
      close(page)
      redis.call('ZADD', dead, now, name .. ' ' .. slot)
      moved = moved + 1
    end
    head = redis.call('LINDEX', held .. job, 0)
  end
  if head then redis.call('ZADD', holds, head:match('(%d+)$'), job) else redis.call('ZREM', holds, job) end
end
if moved > 0 then
  redis.call('HINCRBY', counts, 'held', -moved)
  redis.call('HINCRBY', counts, 'dead', moved)
end
return { moved }
