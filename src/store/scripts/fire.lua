#!lua
-- Ticks become what was planned for them: jobs (ready, scheduled, or held behind an earlier run), or a reason in the ledger; their schedule
-- moves on in the same step. A person's call has '!' and a token for a cursor, and moves none; it is known among the newest ten. Answers for each schedule fired with fates and
-- job numbers, known (that token came before), moved (another was faster, things have changed, or the plan is older than `fresh`) or early.
local pages, ready, scheduled, ended, counts, ticks, schedules = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local ledgers, names, waits, asleep, alarm, channel = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local now, queue, ids, at, fixed, answers, woken, soonest = clock(ARGV[1]), ARGV[2], ARGV[3], 4, 12, {}, false, math.huge
local function draw(s, fate, planned, due, by, record, apart)
  local first = s.overlap ~= 'allow' and unended(pages, s.id, s.open, s.made)
  if by ~= '' and now > tonumber(by) then return 'd', 0 end
  if first and s.overlap == 'cancel-previous' then
    for from in pairs({ [first] = true, [s.waiting or first] = true }) do callOff(pages, ended, counts, s.id, from, s.made, now) end
    first, s.waiting = unended(pages, s.id, first, s.made), false
  end
  s.open = first or s.overlap ~= 'allow' and s.made or s.open
  if first and (s.overlap == 'skip' or s.waiting) then return 'o', first end
  local state = first and 'h' or due > now and 's' or 'r'
  s.counted = s.counted + (('fl'):find(fate, 1, true) and 1 or 0)
  if state == 'h' then s.waiting = redis.call('HSET', waits, s.id, s.made) and s.made elseif state == 's' then soonest = math.min(soonest, due) end
  woken = redis.call('HINCRBY', counts, ({ r = 'ready', s = 'scheduled', h = 'held' })[state], 1) and (woken or state == 'r')
  return fate, bring(pages, ready, scheduled, s, planned, due, record, apart, state, now)
end
redis.call('HLEN', counts) redis.call('HLEN', waits) redis.call('LLEN', ended) redis.call('LLEN', ready) redis.call('ZCARD', scheduled)
redis.call('ZCARD', ticks) redis.call('STRLEN', asleep) redis.call('STRLEN', alarm) -- of another type: it stops here, or there:
for id in ids:gmatch('[^,]+') do redis.call('HLEN', schedules .. id) redis.call('LLEN', ledgers .. id) redis.call('HLEN', names .. id) end
while at <= #ARGV do
  local id, cursor, rev, next, nextDue, ripe, fresh, overlap, limit, context, by, args = unpack(ARGV, at, at + fixed - 1)
  local stop, person, key = at + fixed + args, cursor:byte() == 33, schedules .. id
  local stands = redis.call('HMGET', key, 'next', 'rev', 'token', 'made', 'counted', 'open')
  local moved = stands[2] ~= rev or not person and stands[1] ~= cursor or fresh ~= '' and now > tonumber(fresh)
  local answer = person and (stands[3] or ''):find(cursor .. ' ', 1, true) and 'known' or moved and 'moved' or ripe ~= '' and tonumber(ripe) > now and 'early' or 'fired'
  if answer == 'fired' then
    local held = overlap ~= 'allow' and tonumber(redis.call('HGET', waits, id) or nil)
    local s = { id = id, overlap = overlap, made = tonumber(stands[4] or 0), counted = tonumber(stands[5] or 0), open = tonumber(stands[6] or 0),
      waiting = held and stateOfJob(pages, id, held) == 'h' and held }
    context, by, at, limit = numberOf(names, id, context), numberOf(names, id, '@' .. by), at + fixed, tonumber(limit) or math.huge
    local tell = function(...) redis.call('RPUSH', ledgers .. id, entry(...)) end
    while at < stop and s.counted < limit do
      local fate, first, second, third, last = unpack(ARGV, at, at + 4) -- planned, due and '+' delay, deadline, record; or first, last, count, into
      local job, due, after = ('flbr'):find(fate, 1, true), second:match('^(%d+)%+?(%d*)$')
      local apart = job and last:byte() == 50 and ARGV[at + 5]
      at = at + (apart and 6 or 5)
      if job then
        fate, job = draw(s, fate, first, after == '' and tonumber(due) or now + after, third, last, apart)
        tell(fate, context, by, first, now, math.max(0, now - due), job, 1)
        answer = answer .. ' ' .. fate .. job
      else
        tell(fate, context, by, first, third == '1' and now or second, math.floor(last / 4294967296), last % 4294967296, third)
      end
    end
    if s.counted >= limit then tell('e', context, by, s.last or cursor, now, 0, 0, 1) next = '' end
    redis.call('HSET', key, 'made', s.made, 'counted', s.counted, 'open', s.open, unpack(s.last and { 'lastPlannedAt', s.last, 'lastFiredAt', now } or {}))
    redis.call('HINCRBY', counts, 'fired', s.made - tonumber(stands[4] or 0))
    if person then redis.call('HSET', key, 'token', (cursor .. ' ' .. (stands[3] or '')):sub(1, 200), 'rev', rev + 1) else stand(ticks, key, id, next, nextDue) end
  end
  at, answers[#answers + 1] = stop, answer
end
if woken then wake(asleep, channel, 'ready ' .. queue) end
if soonest < math.huge then alert(alarm, soonest, channel, 'due ' .. queue) end
return { now, answers }
