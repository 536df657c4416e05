#!lua flags=allow-oom
-- Jobs of an owner have ended: active -> ended, all well, or all in the way that `mark` says. They are told as runs: page, first slot, count,
-- claim number, the owner and call that claimed them, and behind a line feed what shall stand in the slot. A call sent again answers known, one before its turn gap; a run of which another claim has come since is lost.
-- Answers settled or known, the time, how many lie in ended, and the page and slot of each that was lost.
local pages, owners, ended, counts, forget, cancels = unpack(KEYS)
local now, owner, call, emptied, mark, expected = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])
local fixed, at = 6, expected and math.abs(now - expected) > 60000 and expected or now -- what is kept counts from no clock that has leapt

local last = tonumber(redis.call('HGET', owners .. owner, '#') or call - 1)
if last >= call then return { 'known', now, 0, {} } end
if last + 1 ~= call then return { 'gap', now, last } end
redis.call('LLEN', ended) redis.call('LLEN', forget) -- of another type: it stops here
local noted = redis.call('HGET', counts, 'cancelling') and redis.call('HLEN', cancels) -- a job that ended all the same has its note dropped

local function forgetAll(page, first, count)
  for slot = first, first + count - 1 do
    local id = (redis.call('LINDEX', page.key, slot + 1) or ''):match('^[^\n]*\n([^\n]*\n[^\n]+)\n')
    if id then redis.call('RPUSH', forget, string.format('%.0f ', at) .. id:gsub('\n', ' ')) end
  end
end
local lost, total, standing, unnoted = {}, 0, {}, 0
local function stands(claim) -- if not, Redis has forgotten it, and may have given its number away again
  local by, number = claim:match('^(%S+) (%d+)$')
  if standing[claim] == nil then standing[claim] = redis.call('HEXISTS', owners .. by, number) end
  return standing[claim] == 1
end
local finish
function finish(name, first, count, claim, record)
  local page = open(pages .. name)
  local states = page and page.state:sub(first + 1, first + count) or ''
  local claims = page and page.claim:sub(2 * first + 1, 2 * (first + count)) or ''
  if states == ('a'):rep(count) and claims == struct.pack('>I2', claim):rep(count) then
    if page.flags % 4 >= 2 then forgetAll(page, first, count) end
    page.state = splice(page.state, 1, first, mark:rep(count))
    close(page)
    if noted then for each = first, first + count - 1 do unnoted = unnoted + redis.call('HDEL', cancels, name .. ' ' .. each) end end
    if record ~= '' then redis.call('LSET', page.key, first + 1, record) end
    redis.call('RPUSH', ended, name .. ' ' .. first .. ' ' .. count .. ' ' .. string.format('%.0f', at))
    total = total + count
  elseif count == 1 then
    lost[#lost + 1] = name .. ' ' .. first
  else
    for slot = first, first + count - 1 do finish(name, slot, 1, claim, '') end
  end
end
for i = fixed + 1, #ARGV do
  local name, first, count, number, claim, record = ARGV[i]:match('^(%S+) (%d+) (%d+) (%d+) ([^\n]*)\n?(.*)$')
  finish(name, tonumber(first), tonumber(count), stands(claim) and number or 0, record) -- no claim has that number
end
if redis.call('EXISTS', owners .. owner) == 1 then
  redis.call('HSET', owners .. owner, '#', call)
  for each in emptied:gmatch('%d+') do redis.call('HDEL', owners .. owner, each) end
end
if total > 0 then
  redis.call('HINCRBY', counts, 'active', -total)
  redis.call('HINCRBY', counts, ({ c = 'completed', e = 'expired', d = 'discarded', k = 'cancelled' })[mark], total)
end
if unnoted > 0 and redis.call('HINCRBY', counts, 'cancelling', -unnoted) <= 0 then redis.call('HDEL', counts, 'cancelling') end
return { 'settled', now, redis.call('HINCRBY', counts, 'ended', total), lost }
