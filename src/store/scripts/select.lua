#!lua flags=no-writes,allow-oom
-- Jobs that match, some in a call: those of the pages named, each with the slot to begin at, or else of the next that a scan comes by: of
-- `scheduled`, or with a pattern of all keys of this server. They match by state, by job name unless that is '', and by due and created
-- instants, the later end left out. Answers where the scan goes on (0 at its end), the pages not looked at yet, how many matched by page, and
-- if they are wanted each with page, slot, state, claim number, instants and record. A record that a newer release wrote never matches.
local pages, scheduled = KEYS[1], KEYS[2]
local cursor, pattern, states, job = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local dueFrom, dueTo, madeFrom, madeTo = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local limit, wanted, fixed, enough, tries = tonumber(ARGV[9]), ARGV[10] == '1', 10, 32, 50 -- pages of a scan, and how often 100 keys towards them
local newest, bytes, steps = 50, 262144, 2048 -- the version of records that this release reads, as a digit; what a call looks at

local names, rest, counted, jobs, total = { unpack(ARGV, fixed + 1) }, {}, {}, {}, 0
if #names == 0 then
  repeat
    local step = pattern == '' and redis.call('ZSCAN', scheduled, cursor, 'COUNT', enough)
      or redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', 100)
    cursor, tries = step[1], tries - 1
    for i = 1, #step[2], pattern == '' and 2 or 1 do
      names[#names + 1] = pattern == '' and step[2][i] or step[2][i]:sub(#pages + 1)
    end
  until cursor == '0' or #names >= enough or tries == 0
end

local anyDue, anyMade = dueFrom == 0 and dueTo > 2 ^ 48, madeFrom == 0 and madeTo > 2 ^ 48
local function within(column, slot, from, to)
  local instant = sixAt(column, slot)
  return instant >= from and instant < to
end
local function matches(page, slot)
  if not states:find(stateOf(page, slot), 1, true) then return false end
  steps = steps - 1
  return (anyDue or within(page.due, slot, dueFrom, dueTo)) and (anyMade or within(page.created, slot, madeFrom, madeTo))
end
local function look(name, first)
  local page, records, count = open(pages .. name), nil, 0
  for slot = first, page and page.slots - 1 or -1 do
    if matches(page, slot) then
      records = records or redis.call('LRANGE', page.key, first + 1, -1)
      local record = records[slot - first + 1]
      steps, bytes = steps - 3, bytes - #record
      if record:byte() <= newest and (job == '' or record:match('^[^\n]*\n([^\n]*)') == job) then
        if wanted then
          local text = whole(page, slot, record)
          bytes = bytes - (#text - #record)
          if #jobs > 0 and bytes < 0 then rest[#rest + 1] = name .. ' ' .. slot break end
          local due, created = string.format('%.0f', dueOf(page, slot)), string.format('%.0f', sixAt(page.created, slot))
          jobs[#jobs + 1] = { name, slot, stateOf(page, slot), claimOf(page, slot), due, created, text }
        end
        total, count = total + 1, count + 1
        if total >= limit then rest[#rest + 1] = name .. ' ' .. slot + 1 break end
      end
    end
  end
  if count > 0 then counted[#counted + 1], counted[#counted + 2] = name, count end
end
for _, entry in ipairs(names) do
  local name, first = entry:match('^(%S+) ?(%d*)$')
  if total >= limit or bytes < 0 or steps < 0 then rest[#rest + 1] = entry else look(name, tonumber(first) or 0) end
end
return { cursor, rest, counted, jobs }
