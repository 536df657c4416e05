#!lua flags=allow-oom
-- Jobs of an owner go back unfinished, to be run by another: active -> front of ready, each told by page, slot, claim number, the owner
-- and call that claimed it, and rewritten record, the oldest first; one that is noted as cancelled -> ended. A call sent again answers known, one before its turn gap; a job that
-- another claim has taken since is lost.
local pages, owners, ready, counts, asleep, channel, ended, forget, cancels = unpack(KEYS)
local now, queue, owner, call, emptied = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local fixed, width = 5, 6

local last = tonumber(redis.call('HGET', owners .. owner, '#') or call - 1)
if last >= call then return { 'known', now, {} } end
if last + 1 ~= call then return { 'gap', now, last } end
redis.call('LLEN', ready) -- of another type: it stops here
local notes = notesIn(counts, cancels, ended, forget)

local words, total = {}, 0
for i = #ARGV - width + 1, fixed + 1, -width do
  local name, slot, claim, by, at, record = unpack(ARGV, i, i + width - 1)
  local page = open(pages .. name)
  slot = tonumber(slot)
  if stateOf(page, slot) == 'a' and claimOf(page, slot) == tonumber(claim) and redis.call('HEXISTS', owners .. by, at) == 1 then
    redis.call('LSET', page.key, slot + 1, record)
    if not endAsNoted(notes, page, name, slot, 'active', now) then
      put(page, slot, 'r')
      push('LPUSH', ready, counts, laneOf(page, slot, record), name .. ' ' .. slot .. ' 1')
      total = total + 1
    end
    close(page)
    table.insert(words, 1, 'settled')
  else
    table.insert(words, 1, 'lost')
  end
end
if redis.call('EXISTS', owners .. owner) == 1 then
  redis.call('HSET', owners .. owner, '#', call)
  for each in emptied:gmatch('%d+') do redis.call('HDEL', owners .. owner, each) end
end
if total > 0 then
  redis.call('HINCRBY', counts, 'active', -total)
  redis.call('HINCRBY', counts, 'ready', total)
  wake(asleep, channel, 'ready ' .. queue)
end
return { 'settled', now, words }
