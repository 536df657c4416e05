#!lua flags=no-writes,allow-oom
-- Looks, and moves nothing: schedules by their ids, as many as have 256 KB between them and at least one. `width` fields are named before the
-- ids. Answers for each when its next tick is due (nothing if it has none), and those fields.
local ticks, schedules = KEYS[1], KEYS[2]
local width, fixed, most, bytes, found = tonumber(ARGV[1]), 1, 262144, 0, {}

for i = fixed + width + 1, #ARGV do
  if bytes >= most then break end
  local fields = redis.call('HMGET', schedules .. ARGV[i], unpack(ARGV, fixed + 1, fixed + width))
  for _, field in ipairs(fields) do bytes = bytes + #(field or '') end
  found[#found + 1] = { redis.call('ZSCORE', ticks, ARGV[i]), fields }
end
return found
