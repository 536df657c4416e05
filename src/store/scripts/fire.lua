#!lua
-- Ticks become what was planned for them: jobs (ready, scheduled, or held behind an earlier run), or a reason in the ledger; their schedule
-- moves on in the same step. A person's call has '!' and a token for a cursor, and moves none; it is known among the newest ten. Answers for
-- each schedule fired with fates and job numbers, known (that token came before), moved (another was faster, things have changed, or the plan
-- is older than `fresh`) or early.
local pages, ready, scheduled, ended, counts, ticks, schedules = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local ledgers, names, waits, asleep, alarm, channel, cancels = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local p = { pages = pages, scheduled = scheduled, ended = ended, counts = counts, schedules = schedules, ledgers = ledgers, names = names, waits = waits,
  queue = ARGV[2], cancels = cancels, channel = channel }
local now, queue, at, fixed, read, answers, standing = clock(ARGV[1]), ARGV[2], 3, 13, {}, {}, {}
local text = digits(now)
local jobs = { ready = 0, scheduled = 0, held = 0, fired = 0, lines = {}, soonest = math.huge }
redis.call('HLEN', counts) redis.call('HLEN', waits) redis.call('LLEN', ended) redis.call('LLEN', ready) redis.call('ZCARD', scheduled)
redis.call('ZCARD', ticks) redis.call('STRLEN', asleep) redis.call('STRLEN', alarm) -- of another type: it stops here, or when it looks:
while at <= #ARGV do if ARGV[at + 7] == 'cancel-previous' then redis.call('HLEN', cancels) end
  read[ARGV[at]], at = look(p, ARGV[at], ARGV[at + 9], ARGV[at + 10]), at + fixed + ARGV[at + 12]
end
at = 3
while at <= #ARGV do
  local id, cursor, rev, next, nextDue, ripe, fresh, overlap, limit, context, by, tz, args = unpack(ARGV, at, at + fixed - 1)
  local stop, person, stands = at + fixed + args, cursor:byte() == 33, read[id] or look(p, id, context, by)
  local moved = stands[2] ~= rev or not person and stands[1] ~= cursor or fresh ~= '' and now > tonumber(fresh)
  local answer = person and (stands[3] or ''):find(cursor .. ' ', 1, true) and 'known' or moved and 'moved' or ripe ~= '' and tonumber(ripe) > now and 'early' or 'fired'
  read[id] = nil -- what it makes is not in there
  if answer == 'fired' then
    local s, ledger, last, notes = standOf(p, id, overlap, stands), ledgers .. id, tonumber(limit) or math.huge, {}
    context, by = unpack(stands.numbers or numbersOf(p, id, context, by, notes))
    at = at + fixed
    jobs.fired = jobs.fired - s.made
    while at < stop and s.counted < last do
      local fate, first, second, third, fourth = unpack(ARGV, at, at + 4) -- planned, due and '+' delay, deadline, record; or first, last, count, into
      local job, due, after = ('flbr'):find(fate, 1, true), second:match('^(%d+)%+?(%d*)$')
      local apart = job and fourth:byte() == 50 and ARGV[at + 5]
      at = at + (apart and 6 or 5)
      if job then
        fate, job = draw(p, jobs, s, fate, first, after == '' and tonumber(due) or now + after, third, fourth, apart, now)
        redis.call('RPUSH', ledger, entry(fate, context, by, first, now, math.max(0, now - due), job, 1))
        answer = answer .. ' ' .. fate .. job
      else
        redis.call('RPUSH', ledger, entry(fate, context, by, first, third == '1' and now or second, math.floor(fourth / 4294967296), fourth % 4294967296, third))
      end
    end
    if s.counted >= last then redis.call('RPUSH', ledger, entry('e', context, by, s.last or cursor, now, 0, 0, 1)) next = '' end
    jobs.fired = jobs.fired + s.made
    add(notes, 'made', digits(s.made)) add(notes, 'counted', digits(s.counted))
    if s.open > 0 then add(notes, 'open', digits(s.open)) end
    if s.last then add(notes, 'lastPlannedAt', s.last) add(notes, 'lastFiredAt', text) end
    if person then add(notes, 'token', (cursor .. ' ' .. (stands[3] or '')):sub(1, 200)) add(notes, 'rev', rev + 1)
    elseif next == '' then redis.call('ZREM', ticks, id) redis.call('HDEL', schedules .. id, 'next')
    else add(notes, 'next', next) add(standing, nextDue, id) end
    if tz ~= '' then add(notes, 'tz', tz) end
    redis.call('HSET', schedules .. id, unpack(notes))
  end
  at, answers[#answers + 1] = stop, answer
end
if #standing > 0 then redis.call('ZADD', ticks, unpack(standing)) end
for _, count in ipairs({ 'ready', 'scheduled', 'held', 'fired' }) do if jobs[count] > 0 then redis.call('HINCRBY', counts, count, jobs[count]) end end
if #jobs.lines > 0 then line(ready, counts, jobs.lines) wake(asleep, channel, 'ready ' .. queue) end
if jobs.soonest < math.huge then alert(alarm, jobs.soonest, channel, 'due ' .. queue) end
return { now, answers }
