#!lua flags=no-writes,allow-oom
-- Looks, and moves nothing: a hash of what is in force from files of schedules, given by their ids: of each its name, version, reign, and the
-- version of its time-zone data where that is older than `tz`; of one that goes on in another queue, that; nothing of one that is not in force,
-- or was made at run time.
local schedules, tz, fixed, lines = KEYS[1], ARGV[1], 1, {}

for i = fixed + 1, #ARGV do
  local stands = redis.call('HMGET', schedules .. ARGV[i], 'name', 'version', 'reign', 'tz', 'origin', 'heir')
  local name, version, reign, known, origin, heir = unpack(stands)
  local older = known and known < tz and known or ''
  lines[i - fixed] = version and origin == 'file' and table.concat({ name, version, reign, older }, ' ') or not version and heir or ''
end
return { redis.sha1hex(table.concat(lines, '\n')) }
