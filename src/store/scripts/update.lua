#!lua
-- A job that waits gets another record, and payload where that lies apart: it stays where it is. Answers updated (also when it says so
-- already), changed (its record is not the one that was read, told by its SHA-1), running, dead, ended or unknown, or newer and the
-- version of a record that a newer release wrote.
local pages = KEYS[1]
local name, slot, read, record, payload = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local newest = 50 -- the version of records that this release reads, as a digit

local page = open(pages .. name)
local state = stateOf(page, slot)
if state == '' or not ('srh'):find(state, 1, true) then
  return { ({ a = 'running', D = 'dead', ['-'] = 'unknown', [''] = 'unknown' })[state] or 'ended' }
end
local stands = redis.call('LINDEX', page.key, slot + 1)
if stands:byte() > newest then return { 'newer', stands:sub(1, 1) } end
local text = whole(page, slot, stands)
if text == record .. payload then return { 'updated' } end
if redis.sha1hex(text) ~= read then return { 'changed' } end

redis.call('LSET', page.key, slot + 1, record)
if payload ~= '' then
  redis.call('SET', page.key .. ':' .. slot, payload)
  page.flags = bit.bor(page.flags, 1)
  close(page)
elseif stands:byte() == 50 then
  redis.call('DEL', page.key .. ':' .. slot)
end
return { 'updated' }
