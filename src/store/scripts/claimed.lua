#!lua flags=no-writes,allow-oom
-- What an owner's numbered claim took and still has, for a claim whose answer was lost. Answers as claim does.
local pages, owners = KEYS[1], KEYS[2]
local now, owner, call = clock(ARGV[1]), ARGV[2], ARGV[3]

local runs, instants, records = {}, {}, {}
for name, first, count, number in (redis.call('HGET', owners .. owner, call) or ''):gmatch('([^ ;]+) (%d+) (%d+) (%d+)') do
  local page = open(pages .. name)
  for slot = tonumber(first), first + count - 1 do
    if stateOf(page, slot) == 'a' and claimOf(page, slot) == tonumber(number) then
      local record = redis.call('LINDEX', page.key, slot + 1)
      runs[#runs + 1] = name .. ' ' .. slot .. ' 1 ' .. number
      instants[#instants + 1] = page.due:sub(6 * slot + 1, 6 * slot + 6) .. page.created:sub(6 * slot + 1, 6 * slot + 6)
      records[#records + 1] = whole(page, slot, record)
    end
  end
end
return { 'claimed', now, '', table.concat(runs, ';'), table.concat(instants), records }
