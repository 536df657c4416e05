#!lua flags=no-writes,allow-oom
-- What is known of one job: its state, claim number, due and created instants, record, and whether it is cancelled
-- while it runs. Answers an empty list when nothing is.
local pages, cancels = KEYS[1], KEYS[2]
local name, slot = ARGV[1], tonumber(ARGV[2])

local page = open(pages .. name)
local state = stateOf(page, slot)
if state == '' or state == '-' then return {} end
local record = redis.call('LINDEX', page.key, slot + 1)
local created = sixAt(page.created, slot)
return { state, claimOf(page, slot), dueOf(page, slot), created, whole(page, slot, record),
  state == 'a' and redis.call('HEXISTS', cancels, name .. ' ' .. slot) or 0 }
