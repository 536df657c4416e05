#!lua flags=allow-oom
-- A worker takes up to `limit` ready jobs, lane by lane and first in first out, under its lease; one whose name it does not know goes to held, under it.
-- Answers claimed, known (this numbered call took its jobs before), gap (sent before its turn), lost (no lease: take a new owner), empty,
-- or more (look on); the time, the names held, the runs of jobs with claim numbers, their due and created instants, their records.
local pages, ready, leases, owners, counts, holds, held, asleep = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local now, owner, call, limit = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local bytes, lease, names = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local newest, most = 50, 250 -- the version of records that this release reads, as a digit; runs and held jobs that a call looks at

local last, ends = tonumber(redis.call('HGET', owners .. owner, '#') or 0), redis.call('ZSCORE', leases, owner)
if last == call then return { 'known', now } end
if last + 1 ~= call or tonumber(ends or now) < now then return { ends and tonumber(ends) >= now and 'gap' or 'lost', now, last } end
local laned, paused = unpack(redis.call('HMGET', counts, 'lanes', 'paused')) redis.call('ZCARD', holds) -- of another type: it stops here
if paused and now < tonumber(paused) then return { 'empty', now, '' } end
local runs, instants, records, onHold, looked, full, dry, lists = {}, {}, {}, 0, 0, false, false, laned and lanesOf(ready) or { ready }
local function take(name, page, slot, record)
  local number, run = claimOf(page, slot) + 1, runs[#runs]
  local goesOn = run and run.name == name and run.first + run.count == slot and run.number == number
  if not goesOn then runs[#runs + 1] = { name = name, first = slot, count = 0, number = number } end
  runs[#runs].count, bytes, records[#records + 1] = runs[#runs].count + 1, bytes - #record, record
  instants[#records] = page.due:sub(6 * slot + 1, 6 * slot + 6) .. page.created:sub(6 * slot + 1, 6 * slot + 6)
  return 'a', struct.pack('>I2', number)
end
local function hold(name, _, slot, job, claim)
  redis.call('RPUSH', held .. job, name .. ' ' .. slot .. ' ' .. string.format('%.0f', now))
  redis.call('ZADD', holds, 'NX', now, job)
  onHold = onHold + 1
  return 'h', claim
end
while #records < limit and looked + onHold < most and not full do
  local name, first, count = nextRun(lists, ready, counts):match('^(%S+) (%d+) (%d+)$')
  if not name then dry = true break end
  local page, slot, past, states, claims = open(pages .. name), tonumber(first), first + math.min(count, limit - #records), {}, {}
  local all = page and redis.call('LRANGE', page.key, first + 1, past) or {}
  while page and slot < past and onHold < most do
    local state, claim, record = stateOf(page, slot), page.claim:sub(2 * slot + 1, 2 * slot + 2), all[slot - first + 1]
    if state == 'r' then
      local job = record:byte() > newest and '#' .. record:sub(1, 1) or record:match('^[^\n]*\n([^\n]*)')
      local known = names:find(',' .. job .. ',', 1, true)
      record = known and whole(page, slot, record)
      full = known and #records > 0 and #record > bytes
      if full then break end
      state, claim = (known and take or hold)(name, page, slot, record or job, claim)
    end
    states[#states + 1], claims[#claims + 1], slot = state, claim, slot + 1
  end
  if #states > 0 then
    page.state, page.claim = splice(page.state, 1, first, table.concat(states)), splice(page.claim, 2, first, table.concat(claims))
    close(page)
  end
  if page and slot < first + count then redis.call('LPUSH', lists[1], name .. ' ' .. slot .. ' ' .. first + count - slot) end
  looked = looked + 1
end
for place, by in pairs({ ready = -#records - onHold, held = onHold, active = #records }) do if by ~= 0 then redis.call('HINCRBY', counts, place, by) end end
local waiting = table.concat(redis.call('ZRANGE', holds, 0, 63), ',')
if #records == 0 then return { dry and redis.call('SET', asleep, '1') and 'empty' or 'more', now, waiting } end
for i, run in ipairs(runs) do runs[i] = run.name .. ' ' .. run.first .. ' ' .. run.count .. ' ' .. run.number end
redis.call('HSET', owners .. owner, '#', call, call, table.concat(runs, ';'))
redis.call('ZADD', leases, now + lease, owner)
return { 'claimed', now, waiting, table.concat(runs, ';'), table.concat(instants), records }
