#!lua flags=allow-oom
-- Jobs of an owner have failed, or were snoozed (s), and shall run again: active -> scheduled, each told by page, slot, claim number, the owner and call that
-- claimed it, delay and rewritten record; one that is noted as cancelled -> ended. A call sent again answers known, one before its turn gap; a job
-- that another claim has taken since is lost. Answers settled or known, and a word for each.
local pages, owners, scheduled, counts, alarm, channel, ended, forget, cancels = unpack(KEYS)
local now, queue, owner, call, emptied, expected, mark = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7]
local counted = mark == 's' and 'snoozed' or 'retried'
local fixed, width, from = 7, 7, expected and math.abs(now - expected) > 60000 and expected or now -- not from a clock that has leapt

local last = tonumber(redis.call('HGET', owners .. owner, '#') or call - 1)
if last >= call then return { 'known', now, {} } end
if last + 1 ~= call then return { 'gap', now, last } end
redis.call('ZCARD', scheduled) redis.call('STRLEN', alarm) -- of another type: it stops here
local notes = notesIn(counts, cancels, ended, forget)

local words, total, soonest = {}, 0, math.huge
for i = fixed + 1, #ARGV, width do
  local name, slot, claim, by, at, delay, record = unpack(ARGV, i, i + width - 1)
  local page = open(pages .. name)
  slot = tonumber(slot)
  if stateOf(page, slot) == 'a' and claimOf(page, slot) == tonumber(claim) and redis.call('HEXISTS', owners .. by, at) == 1 then
    local due = from + tonumber(delay)
    redis.call('LSET', page.key, slot + 1, record)
    words[#words + 1] = 'settled'
    if not endAsNoted(notes, page, name, slot, 'active', from) then
      put(page, slot, 's')
      page.due = splice(page.due, 6, slot, six(due))
      redis.call('ZADD', scheduled, 'LT', due, name)
      soonest, total = math.min(soonest, due), total + 1
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
  redis.call('HINCRBY', counts, 'scheduled', total)
  redis.call('HINCRBY', counts, counted, total)
  alert(alarm, soonest, channel, 'due ' .. queue)
end
return { 'settled', now, words }
