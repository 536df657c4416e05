#!lua flags=allow-oom
-- Ended jobs beyond `keep`, or older than `age`, are dropped, the oldest first, about `limit` in a call: ended -> gone.
-- Answers how many were dropped, how many more are to be, and whether jobs that run are noted as cancelled.
local pages, ended, counts = KEYS[1], KEYS[2], KEYS[3]
local now, keep, age, limit, latest = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if now > (latest or now) then return { 0, 0 } end -- the clock has leapt

local function drop(page, first, count)
  local states = page.state:sub(first + 1, first + count):gsub('[cked]', '-')
  page.state = splice(page.state, 1, first, states)
  if page.flags % 2 == 1 then
    for slot = first, first + count - 1 do
      if stateOf(page, slot) == '-' then redis.call('DEL', page.key .. ':' .. slot) end
    end
  end
  if not page.state:find('[^%-]') then return redis.call('DEL', page.key) end
  for slot = first, first + count - 1 do
    if stateOf(page, slot) == '-' then redis.call('LSET', page.key, slot + 1, '') end
  end
  close(page)
end
local left, cancelling = unpack(redis.call('HMGET', counts, 'ended', 'cancelling'))
local dropped = 0
left = tonumber(left or 0)
local run = redis.call('LINDEX', ended, 0)
while run and dropped < limit do
  local name, first, count, at = run:match('^(%S+) (%d+) (%d+) (%d+)$')
  if left <= keep and tonumber(at) > now - age then break end
  redis.call('LPOP', ended)
  local page = open(pages .. name)
  if page then drop(page, tonumber(first), tonumber(count)) end
  left, dropped = left - count, dropped + count
  run = redis.call('LINDEX', ended, 0)
end
if dropped > 0 then redis.call('HINCRBY', counts, 'ended', -dropped) end
return { dropped, math.max(0, left - keep), cancelling and 1 or 0 }
