#!lua flags=allow-oom
-- Jobs of an owner shall not run again by themselves: active -> dead, each told by page, slot, claim number, the owner and call that
-- claimed it, and rewritten record; one that is noted as cancelled -> ended. A call sent again answers known, one before its turn gap; a job that another claim has taken since
-- is lost. Answers settled or known, and a word for each.
local pages, owners, dead, counts, ended, forget, cancels = unpack(KEYS)
local now, owner, call, emptied = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local fixed, width = 4, 6

local last = tonumber(redis.call('HGET', owners .. owner, '#') or call - 1)
if last >= call then return { 'known', now, {} } end
if last + 1 ~= call then return { 'gap', now, last } end
redis.call('ZCARD', dead) -- of another type: it stops here
local notes = notesIn(counts, cancels, ended, forget)

local words, total = {}, 0
for i = fixed + 1, #ARGV, width do
  local name, slot, claim, by, at, record = unpack(ARGV, i, i + width - 1)
  local page = open(pages .. name)
  slot = tonumber(slot)
  if stateOf(page, slot) == 'a' and claimOf(page, slot) == tonumber(claim) and redis.call('HEXISTS', owners .. by, at) == 1 then
    redis.call('LSET', page.key, slot + 1, record)
    words[#words + 1] = 'settled'
    if not endAsNoted(notes, page, name, slot, 'active', now) then
      put(page, slot, 'D')
      redis.call('ZADD', dead, now, name .. ' ' .. slot)
      total = total + 1
    end
    close(page)
  else
    words[#words + 1] = 'lost'
  end
end
if redis.call('EXISTS', owners .. owner) == 1 then
  redis.call('HSET', owners .. owner, '#', call)
  for each in emptied:gmatch('%d+') do redis.call('HDEL', owners .. owner, each) end
end
if total > 0 then
  redis.call('HINCRBY', counts, 'active', -total)
  redis.call('HINCRBY', counts, 'dead', total)
end
return { 'settled', now, words }
