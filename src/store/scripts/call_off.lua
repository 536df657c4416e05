#!lua flags=allow-oom
-- The jobs of a schedule that wait are cancelled, those numbered from `from`, some in a call: scheduled, ready, held -> ended; with `all` those
-- that run are noted as cancelled, and their workers told. Answers the number to go on from, '' when all were looked at; so it does when one of a later reign than `reign` has applied it, unless that is ''.
local pages, ended, counts, schedules, waits, cancels, channel = unpack(KEYS)
local now, queue, id, from, reign, all = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'

local stands = redis.call('HMGET', schedules .. id, 'made', 'open', 'reign')
if reign and tonumber(stands[3] or 0) > reign then return { '' } end
redis.call('LLEN', ended) redis.call('HLEN', counts) redis.call('HLEN', waits) redis.call('HLEN', cancels) -- of another type: it stops here
local rest = callOff(pages, ended, counts, id, math.max(from, tonumber(stands[2] or 0)), tonumber(stands[1] or 0), now,
  all and { cancels = cancels, channel = channel, queue = queue })
local held = tonumber(redis.call('HGET', waits, id) or nil)
if held and stateOfJob(pages, id, held) ~= 'h' then redis.call('HDEL', waits, id) end
return { rest or '' }
