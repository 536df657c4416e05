-- A page holds 64 jobs of one client: element 0 is its head, element n+1 the record of slot n. The head is a byte of flags (1: some
-- payload lies apart, 2: some own id, 4: some lane) and columns over its slots: state (1 byte), claim number (2), due and created instants (6 each).
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function six(instant) return struct.pack('>I2I4', math.floor(instant / 4294967296), instant % 4294967296) end
local function sixAt(column, slot)
  local high, low = struct.unpack('>I2I4', column, 6 * slot + 1)
  return high * 4294967296 + low
end
local function open(key)
  local head = redis.call('LINDEX', key, '0')
  if not head then return nil end
  local n = (#head - 1) / 15
  return { key = key, slots = n, flags = head:byte(), state = head:sub(2, n + 1), claim = head:sub(n + 2, 3 * n + 1),
    due = head:sub(3 * n + 2, 9 * n + 1), created = head:sub(9 * n + 2) }
end
local function close(page)
  redis.call('LSET', page.key, '0', string.char(page.flags) .. page.state .. page.claim .. page.due .. page.created)
end
local function splice(column, width, slot, piece)
  return column:sub(1, width * slot) .. piece .. column:sub(width * slot + #piece + 1)
end
local function put(page, slot, state) page.state = splice(page.state, 1, slot, state) end
local function stateOf(page, slot) return page and page.state:sub(slot + 1, slot + 1) or '' end
local function claimOf(page, slot) return (struct.unpack('>I2', page.claim, 2 * slot + 1)) end
local function dueOf(page, slot) return sixAt(page.due, slot) end
local function whole(page, slot, record)
  return record:byte() == 50 and record .. (redis.call('GET', page.key .. ':' .. slot) or '') or record
end
local function append(key, slot, records, states, dues, created, flags)
  local page = open(key)
  local used = page and redis.call('LLEN', key) - 1 or 0
  if not page then
    page = { key = key, slots = 0, flags = 0, state = '', claim = '', due = '', created = '' }
    redis.call('RPUSH', key, '')
  end
  local more = (slot + #records <= 4 and 4 or slot + #records <= 16 and 16 or 64) - page.slots
  if more > 0 then
    page.state, page.claim = page.state .. ('-'):rep(more), page.claim .. ('\0\0'):rep(more)
    page.due, page.created = page.due .. ('\0'):rep(6 * more), page.created .. ('\0'):rep(6 * more)
  end
  for _ = used + 1, slot do redis.call('RPUSH', key, '') end
  redis.call('RPUSH', key, unpack(records))
  page.state, page.due = splice(page.state, 1, slot, states), splice(page.due, 6, slot, dues)
  page.created, page.flags = splice(page.created, 6, slot, created), bit.bor(page.flags, flags)
  close(page)
end
local function wake(asleep, channel, message)
  if redis.call('DEL', asleep) == 1 then redis.call('PUBLISH', channel, message) end
end
local function alert(alarm, due, channel, message)
  local set = redis.call('GET', alarm)
  if set and due < tonumber(set) then
    redis.call('SET', alarm, string.format('%.0f', due))
    redis.call('PUBLISH', channel, message)
  end
end
