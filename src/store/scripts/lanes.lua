-- Ready is a row of lanes: the list `ready` for plain jobs, of priority 5, and for others a list each, `ready:LANE`; a lane's name begins with its
-- priority, a digit. `ready:lanes` has those that may have jobs, by priority, and `lanes` in counts says that there are any: nobody looks
-- otherwise. A job says its lane in its record, and its page by the flag 4 that some job of it has one.
local function laneIn(record)
  return record:find('"lane":"', 1, true) and record:match('^[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*"lane":"(%d[^"]*)"') or ''
end
local function laneOf(page, slot, record)
  return page.flags % 8 >= 4 and laneIn(record or redis.call('LINDEX', page.key, slot + 1)) or ''
end
local function push(command, ready, counts, lane, ...)
  if lane == '' then return redis.call(command, ready, ...) end
  redis.call(command, ready .. ':' .. lane, ...)
  redis.call('ZADD', ready .. ':lanes', lane:byte() - 48, lane)
  redis.call('HSET', counts, 'lanes', '1')
end
local function inLane(name, lane) return lane == '' and name or name .. '\n' .. lane end
local function line(ready, counts, jobs) -- each at the back of its lane, which stands behind its page's name; neighbours as one run
  local runs, rows, run = {}, {}, nil
  for _, job in ipairs(jobs) do
    if run and run.name == job.name and run.slot + run.count == job.slot then
      run.count = run.count + 1
    else
      run = { name = job.name, slot = job.slot, count = 1 }
      runs[#runs + 1] = run
    end
  end
  for _, each in ipairs(runs) do
    local name, lane = each.name, ''
    if name:find('\n', 1, true) then name, lane = name:match('^(.*)\n(.*)$') end
    local row = rows[lane] or {}
    rows[lane], row[#row + 1] = row, name .. ' ' .. each.slot .. ' ' .. each.count
  end
  for lane, row in pairs(rows) do push('RPUSH', ready, counts, lane, unpack(row)) end
end
local function lineSlots(ready, counts, name, slot, states, lanes) -- those of neighbours that are ready
  local jobs = {}
  for n, state in ipairs(states) do
    if state == 'r' then jobs[#jobs + 1] = { name = inLane(name, lanes[n] or ''), slot = slot + n - 1 } end
  end
  line(ready, counts, jobs)
end
