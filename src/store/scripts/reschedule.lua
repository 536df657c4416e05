#!lua flags=allow-oom
-- A job that waits gets another due time ('+' and a delay, or '@' and an instant): scheduled, ready or held -> scheduled. Answers moved
-- with the due instant, or running, dead, ended or unknown, newer and the version of a record that a newer release wrote, or leapt: a
-- delay would count from a time over a minute from the `expected` one. With `was` it answers changed unless it is due then, or moved already.
local pages, scheduled, counts, alarm, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, queue, name, slot, at, expected = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local was = tonumber(ARGV[7])
local newest = 50 -- the version of records that this release reads, as a digit

local page = open(pages .. name)
local state = stateOf(page, slot)
local place = ({ s = 'scheduled', r = 'ready', h = 'held' })[state]
if not place then
  local word = ({ a = 'running', D = 'dead', ['-'] = 'unknown', [''] = 'unknown' })[state] or 'ended'
  return { word, '' }
end

redis.call('ZCARD', scheduled) redis.call('HLEN', counts) redis.call('STRLEN', alarm) -- of another type: it stops here
local record = redis.call('LINDEX', page.key, slot + 1)
if record:byte() > newest then return { 'newer', record:sub(1, 1) } end
if at:byte() == 43 and expected and math.abs(now - expected) > 60000 then return { 'leapt', '' } end
local due = at:byte() == 43 and now + tonumber(at:sub(2)) or math.max(now, tonumber(at:sub(2)))
if was and was ~= dueOf(page, slot) then return { state == 's' and due == dueOf(page, slot) and 'moved' or 'changed', string.format('%.0f', due) } end
put(page, slot, 's')
page.due = splice(page.due, 6, slot, six(due))
close(page)
redis.call('ZADD', scheduled, 'LT', due, name)
redis.call('HINCRBY', counts, place, -1)
redis.call('HINCRBY', counts, 'scheduled', 1)
alert(alarm, due, channel, 'due ' .. queue)
return { 'moved', string.format('%.0f', due) }
