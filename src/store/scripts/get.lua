#!lua flags=no-writes,allow-oom
-- What is known of one job: its state, claim number, due and created instants, record. Answers an empty list when nothing is.
local pages, name, slot = KEYS[1], ARGV[1], tonumber(ARGV[2])

local page = open(pages .. name)
local state = stateOf(page, slot)
if state == '' or state == '-' then return {} end
local record = redis.call('LINDEX', page.key, slot + 1)
local created = sixAt(page.created, slot)
return { state, claimOf(page, slot), dueOf(page, slot), created, whole(page, slot, record) }
