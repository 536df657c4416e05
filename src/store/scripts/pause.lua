#!lua flags=allow-oom
-- A queue stands still for a reason that is filed under `which` (the queue itself, or everything), or, without a note, that reason ends. A
-- note is the instant at which it ends by itself, and what people are told; those that are over are dropped. Claim finds the last of the
-- ends in counts, and nothing else of a pause; a job moves by none of this. Answers the note that stood there.
local pauses, counts, channel = KEYS[1], KEYS[2], KEYS[3]
local now, queue, which, note = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

redis.call('HLEN', counts) -- of another type: it stops here, or there:
local before, last = redis.call('HGET', pauses, which) or '', 0
if note == '' then redis.call('HDEL', pauses, which) else redis.call('HSET', pauses, which, note) end
local all = redis.call('HGETALL', pauses)
for i = 1, #all, 2 do
  local ends = tonumber(all[i + 1]:match('^%d+'))
  if ends <= now then redis.call('HDEL', pauses, all[i]) else last = math.max(last, ends) end
end
if last > 0 then
  redis.call('HSET', counts, 'paused', string.format('%.0f', last))
else
  redis.call('HDEL', counts, 'paused')
  redis.call('PUBLISH', channel, 'ready ' .. queue)
end
return { before }
