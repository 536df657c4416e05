#!lua flags=allow-oom
-- A job that waits for its time is due now: scheduled -> back of ready. Answers ready (also when it was), held, running, dead, ended or
-- unknown, or newer and the version of a record that a newer release wrote.
local pages, ready, counts, asleep, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, queue, name, slot = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local newest = 50 -- the version of records that this release reads, as a digit

local page = open(pages .. name)
local state = stateOf(page, slot)
local words = { r = 'ready', h = 'held', a = 'running', D = 'dead', ['-'] = 'unknown', [''] = 'unknown' }
if state ~= 's' then return { words[state] or 'ended' } end

redis.call('LLEN', ready) redis.call('HLEN', counts) redis.call('STRLEN', asleep) -- of another type: it stops here
local record = redis.call('LINDEX', page.key, slot + 1)
if record:byte() > newest then return { 'newer', record:sub(1, 1) } end
put(page, slot, 'r')
page.due = splice(page.due, 6, slot, six(math.min(now, dueOf(page, slot))))
close(page)
push('RPUSH', ready, counts, laneOf(page, slot, record), name .. ' ' .. slot .. ' 1')
redis.call('HINCRBY', counts, 'scheduled', -1)
redis.call('HINCRBY', counts, 'ready', 1)
wake(asleep, channel, 'ready ' .. queue)
return { 'ready' }
