#!lua flags=allow-oom
-- The jobs of the owner whose lease ended first go back: active -> front of ready, or to dead when it was the `crashes`-th worker that
-- was lost over a job, or to ended when it is noted as cancelled; at most about `limit` jobs. A lease that ended long ago, or that ends in the far future, says that nobody looked or
-- that the clock has leapt: its owner may renew it first. Answers how many went back and died, and in how many ms the next lease ends.
local pages, leases, owners, ready, dead, counts, asleep, channel, ended, forget, cancels = unpack(KEYS)
local now, queue, limit, crashes, latest, longest = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if now > (latest or now) then return { 0, 0, '0' } end -- the clock has leapt
local newest = 50 -- the version of records that this release reads, as a digit: the losses of newer ones are not judged

redis.call('LLEN', ready) redis.call('ZCARD', dead) -- of another type: it stops here
local back, died, gone, notes = 0, 0, 0, notesIn(counts, cancels, ended, forget)
local function lose(name, page, slot, jobs)
  if endAsNoted(notes, page, name, slot, 'active', now) then gone = gone + 1 return end
  local record = redis.call('LINDEX', page.key, slot + 1)
  local failed, interrupted = record:match('^%d(%d*),?(%d*)')
  local lost = claimOf(page, slot) - (tonumber(failed) or 0) - (tonumber(interrupted) or 0)
  if lost < crashes or record:byte() > newest then
    put(page, slot, 'r')
    jobs[#jobs + 1] = { laneOf(page, slot, record), name .. ' ' .. slot .. ' 1' }
  else
    put(page, slot, 'D')
    redis.call('ZADD', dead, now, name .. ' ' .. slot)
    died = died + 1
  end
end
local chance, unseen, tail = now + 25000, now - 10000, redis.call('ZRANGE', leases, -1, -1, 'WITHSCORES')
local mended = tonumber(tail[2] or 0) > now + longest + 60000 and redis.call('ZADD', leases, chance, tail[1])
local owner, endedAt = unpack(redis.call('ZRANGE', leases, '-inf', '(' .. string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES'))
if owner and tonumber(endedAt) > 0 and tonumber(endedAt) < unseen then owner = redis.call('ZADD', leases, chance, owner) and nil end
local calls = owner and redis.call('HKEYS', owners .. owner) or {}
table.sort(calls, function(a, b) return (tonumber(a) or 0) > (tonumber(b) or 0) end)
for _, call in ipairs(calls) do
  if back + died + gone >= limit then break end
  if call ~= '#' then
    local jobs = {}
    for name, first, count, number in redis.call('HGET', owners .. owner, call):gmatch('([^ ;]+) (%d+) (%d+) (%d+)') do
      local page = open(pages .. name)
      for slot = tonumber(first), first + count - 1 do
        if stateOf(page, slot) == 'a' and claimOf(page, slot) == tonumber(number) then lose(name, page, slot, jobs) end
      end
      if page then close(page) end
    end
    for i = #jobs, 1, -1 do push('LPUSH', ready, counts, unpack(jobs[i])) end
    back = back + #jobs
    redis.call('HDEL', owners .. owner, call)
  end
end
if owner then
  redis.call('ZADD', leases, 0, owner) -- it is not renewed any more
  if redis.call('HLEN', owners .. owner) <= 1 then redis.call('DEL', owners .. owner) redis.call('ZREM', leases, owner) end
end
if back + died > 0 then
  redis.call('HINCRBY', counts, 'active', -back - died)
  redis.call('HINCRBY', counts, 'ready', back)
  redis.call('HINCRBY', counts, 'dead', died)
  redis.call('HINCRBY', counts, 'lost', back + died)
  wake(asleep, channel, 'ready ' .. queue)
end
local head = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2]
return { back, died, head and string.format('%.0f', mended and 0 or math.max(0, head - now + 1)) or '', owner or '' }
