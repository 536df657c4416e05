#!lua flags=allow-oom
-- Names are given other homes, or none (''): each if it has the one that was read ('' for none). They come in threes: name, home read, home to
-- be. Answers the homes that stand then.
local key, answers = KEYS[1], {}

for i = 1, #ARGV, 3 do
  local name, from, to = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local stands = redis.call('HGET', key, name) or ''
  if stands == from and to == '' then redis.call('HDEL', key, name) elseif stands == from then redis.call('HSET', key, name, to) end
  answers[#answers + 1] = stands == from and to or stands
end
return answers
