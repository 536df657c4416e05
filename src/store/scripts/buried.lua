#!lua flags=no-writes,allow-oom
-- Dead jobs that died from one instant to another, the oldest first but for the first `skip`; at most `limit`, in about `bytes` of records.
-- Answers for each page and slot, when it died, claim number, due and created instants, and its record without a payload that lies apart.
local pages, dead = KEYS[1], KEYS[2]
local from, to, skip, limit, bytes = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

local rows = {}
local all = redis.call('ZRANGE', dead, from, to, 'BYSCORE', 'LIMIT', skip, limit, 'WITHSCORES')
for i = 1, #all, 2 do
  local name, slot = all[i]:match('^(%S+) (%d+)$')
  local page = open(pages .. name)
  local record = page and redis.call('LINDEX', page.key, slot + 1) or ''
  if #rows > 0 and #record > bytes then break end
  bytes = bytes - #record
  local n = tonumber(slot)
  rows[#rows + 1] = page and { all[i], all[i + 1], claimOf(page, n), dueOf(page, n), sixAt(page.created, n), record } or { all[i], all[i + 1] }
end
return rows
