#!lua flags=allow-oom
-- Notes of jobs that do not run any more are left by releases that do not know them: such a job ends now if it waits, and its note goes.
-- Looks at `limit` notes. Answers how many jobs were cancelled: scheduled, ready or held -> ended.
local pages, ended, counts, forget, cancels = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, limit, latest = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if now > (latest or now) then return { 0 } end -- the clock has leapt
local newest = 50 -- the version of records that this release reads, as a digit

local notes, total = notesIn(counts, cancels, ended, forget), 0
for _, note in ipairs(notes and redis.call('HRANDFIELD', cancels, limit) or {}) do
  local name, slot = note:match('^(%S+) (%d+)$')
  local page = open(pages .. name)
  local state = stateOf(page, tonumber(slot))
  local place = ({ s = 'scheduled', r = 'ready', h = 'held' })[state]
  if place and redis.call('LINDEX', page.key, slot + 1):byte() <= newest and endAsNoted(notes, page, name, slot, place, now) then
    close(page)
    total = total + 1
  elseif not place and state ~= 'a' then
    unnote(notes, name, slot)
  end
end
return { total }
