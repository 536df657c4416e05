-- A job that runs may be cancelled: `cancels` has a note of it, and `counts` says under `cancelling` how many there are. However it then
-- leaves its worker unended, it ends so. Looking there is what tells that `counts` is a hash; only when there are notes more is looked at.
local function notesIn(counts, cancels, ended, forget)
  if not redis.call('HGET', counts, 'cancelling') then return nil end
  redis.call('HLEN', cancels) redis.call('LLEN', ended) redis.call('LLEN', forget) -- of another type: it stops here
  return { counts = counts, cancels = cancels, ended = ended, forget = forget }
end
local function unnote(notes, name, slot)
  local gone = redis.call('HDEL', notes.cancels, name .. ' ' .. slot) == 1
  if gone and redis.call('HINCRBY', notes.counts, 'cancelling', -1) <= 0 then redis.call('HDEL', notes.counts, 'cancelling') end
  return gone
end
local function endAsNoted(notes, page, name, slot, place, at)
  if not notes or not unnote(notes, name, slot) then return false end
  local record = redis.call('LINDEX', page.key, slot + 1)
  local id = record:match('^[^\n]*\n([^\n]*\n[^\n]+)\n')
  if id then redis.call('RPUSH', notes.forget, string.format('%.0f ', at) .. id:gsub('\n', ' ')) end
  put(page, slot, 'k')
  redis.call('RPUSH', notes.ended, name .. ' ' .. slot .. ' 1 ' .. string.format('%.0f', at))
  redis.call('HINCRBY', notes.counts, place, -1)
  redis.call('HINCRBY', notes.counts, 'ended', 1)
  redis.call('HINCRBY', notes.counts, 'cancelled', 1)
  return true
end
