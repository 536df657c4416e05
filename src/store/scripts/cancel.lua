#!lua flags=allow-oom
-- A job that waits shall not run: scheduled, ready or held -> ended. One that runs is noted, and its worker told: it ends when its handler
-- does. Answers cancelled, cancelling, ended or unknown, or newer and the version of a record that a newer release wrote.
local pages, ended, counts, forget, cancels, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local now, queue, name, slot, expected = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local at = expected and math.abs(now - expected) > 60000 and expected or now -- what is kept counts from no clock that has leapt
local newest = 50 -- the version of records that this release reads, as a digit

local page = open(pages .. name)
local state = stateOf(page, slot)
local place = ({ s = 'scheduled', r = 'ready', h = 'held', a = 'active' })[state]
if not place then return { (state == '' or state == '-') and 'unknown' or 'ended' } end

redis.call('LLEN', ended) redis.call('HLEN', counts) redis.call('LLEN', forget) redis.call('HLEN', cancels) -- of another type: it stops here
local record = redis.call('LINDEX', page.key, slot + 1)
if record:byte() > newest then return { 'newer', record:sub(1, 1) } end
if state == 'a' then
  if redis.call('HSETNX', cancels, name .. ' ' .. slot, string.format('%.0f', at)) == 1 then redis.call('HINCRBY', counts, 'cancelling', 1) end
  redis.call('PUBLISH', channel, 'cancel ' .. queue .. ' ' .. name .. ' ' .. slot)
  return { 'cancelling' }
end
local id = record:match('^[^\n]*\n([^\n]*\n[^\n]+)\n')
if id then redis.call('RPUSH', forget, string.format('%.0f ', at) .. id:gsub('\n', ' ')) end
put(page, slot, 'k')
close(page)
redis.call('RPUSH', ended, name .. ' ' .. slot .. ' 1 ' .. string.format('%.0f', at))
redis.call('HINCRBY', counts, place, -1)
redis.call('HINCRBY', counts, 'ended', 1)
redis.call('HINCRBY', counts, 'cancelled', 1)
return { 'cancelled' }
