-- What fire does for one schedule and for one of its ticks. `p` names the places, `jobs` is what the call has made so far: counts by where they
-- went, the ready ones in order and the earliest due instant; both are written once a call. `s` is where the schedule stands.
local function add(list, name, value) list[#list + 1], list[#list + 2] = name, value end
local function digits(number) return string.format('%.0f', number) end -- shorter work than what Redis makes of a number
local function look(p, id, context, by)
  redis.call('LLEN', p.ledgers .. id) -- of another type: it stops here, or there:
  local stands = redis.call('HMGET', p.schedules .. id, 'next', 'rev', 'token', 'made', 'counted', 'open', 'told', 'behind')
  local first, second, known = (stands[7] or ''):match('^(%d+) (%d+) (.*)$')
  if known == context .. ' ' .. by then stands.numbers = { first, second } else redis.call('HLEN', p.names .. id) end
  return stands
end
local function numbersOf(p, id, context, by, notes)
  local first, second = numberOf(p.names, id, context), numberOf(p.names, id, '@' .. by)
  add(notes, 'told', digits(first) .. ' ' .. digits(second) .. ' ' .. context .. ' ' .. by)
  return { first, second }
end
local function standOf(p, id, overlap, stands)
  local held = overlap ~= 'allow' and tonumber(redis.call('HGET', p.waits, id) or nil)
  return { id = id, overlap = overlap, made = tonumber(stands[4] or 0), counted = tonumber(stands[5] or 0), open = tonumber(stands[6] or 0),
    behind = overlap ~= 'allow' and tonumber(stands[8] or nil), waiting = held and stateOfJob(p.pages, id, held) == 'h' and held }
end
local function bring(p, s, due, record, apart, state, now)
  local name, slot = spotOf(s.id, s.made)
  local lane = laneIn(record)
  append(p.pages .. name, slot, { record }, state, six(due), six(now), (apart and 1 or 0) + (lane ~= '' and 4 or 0))
  if apart then redis.call('SET', p.pages .. name .. ':' .. slot, apart) end
  s.made = s.made + 1
  return name, slot, lane
end
local function draw(p, jobs, s, fate, planned, due, by, record, apart, now)
  local own = s.overlap ~= 'allow' and unended(p.pages, s.id, s.open, s.made)
  if by ~= '' and now > tonumber(by) then return 'd', 0 end
  if own and s.overlap == 'cancel-previous' then
    for from in pairs({ [own] = true, [s.waiting or own] = true }) do callOff(p.pages, p.ended, p.counts, s.id, from, s.made, now, p) end
    own, s.waiting = unended(p.pages, s.id, own, s.made), false
  end
  local first = s.behind or own -- a run in a queue that it fed before comes first
  s.open = own or s.overlap ~= 'allow' and s.made or s.open
  if first and (s.overlap == 'skip' or s.waiting) then return 'o', first end
  local number, state = s.made, first and 'held' or due > now and 'scheduled' or 'ready'
  local name, slot, lane = bring(p, s, due, record, apart, state:sub(1, 1), now)
  if ('fl'):find(fate, 1, true) then s.counted, s.last = s.counted + 1, planned end
  jobs[state] = jobs[state] + 1
  if state == 'ready' then jobs.lines[#jobs.lines + 1] = { name = inLane(name, lane), slot = slot }
  elseif state == 'held' then s.waiting = redis.call('HSET', p.waits, s.id, number) and number
  else jobs.soonest = redis.call('ZADD', p.scheduled, 'LT', due, name) and math.min(jobs.soonest, due) end
  return fate, number
end
