-- Commits a batch: of each change first all guards, then all parts. Redis runs a script whole, so nobody comes between.
-- ARGV: the prefix of all keys; the changes as JSON, as `change_data` of written.py makes them.
-- Gives for each change {} or {guard} or {'request', first answer} or {'seats', place in the change, from 1}.
local prefix, changes = ARGV[1], cjson.decode(ARGV[2])

local function key(kind, name)
  return prefix .. kind .. ':' .. name
end

local function number_at(found)
  return tonumber(found or '0')
end

local function follows(version_key, version)
  return number_at(redis.call('HGET', version_key, 'version')) == version - 1
end

local function is_spent(keys)
  local seen = {}
  for _, once in ipairs(keys) do
    if seen[once] or redis.call('EXISTS', key('once', once)) == 1 then
      return true
    end
    seen[once] = true
  end
  return false
end

local function conflict(change)
  local first = change.answer and redis.call('GET', key('answer', change.answer.request))
  if first then
    return {'request', first}
  end
  if is_spent(change.once) then
    return {'once'}
  end
  local entries = redis.call('LLEN', prefix .. 'calendar')
  if change.calendar_revision and change.calendar_revision ~= entries then
    return {'calendar'}
  end
  if change.entry and change.entry.number ~= entries + 1 then
    return {'calendar'}
  end
  local standing = change.standing
  if standing and number_at(redis.call('GET', key('standing', standing.person))) ~= standing.version then
    return {'standing'}
  end
  for _, one in ipairs(change.appointments) do
    if not follows(key('appointment', one.number), one.version) then
      return {'appointment'}
    end
  end
  local attempts = change.attempts
  if attempts and not follows(key('attempts', attempts.person), attempts.version) then
    return {'attempts'}
  end
  for place, seat in ipairs(change.seats) do
    local taken = number_at(redis.call('HGET', key('seats', seat.service), seat.start)) + seat.delta
    if taken < 0 or (seat.delta > 0 and taken > seat.capacity) then
      return {'seats', place}
    end
  end
  return nil
end

local function write_appointment(one)
  local where = key('appointment', one.number)
  redis.call('ZADD', prefix .. 'numbers', 0, one.number)
  for _, entry in ipairs(cjson.decode(redis.call('HGET', where, 'index') or '[]')) do
    redis.call('ZREM', prefix .. entry[1], entry[2])
  end
  for _, entry in ipairs(one.index) do
    redis.call('ZADD', prefix .. entry[1], 0, entry[2])
  end
  local index = cjson.encode(one.index)
  redis.call('HSET', where, 'version', one.version, 'person', one.person, 'text', one.text, 'index', index)
end

local function move_seats(seat)
  local starts, slots = key('starts', seat.service), prefix .. 'slots'
  local slot = string.gsub(seat.service, ':', ' ') .. ' ' .. seat.start
  if redis.call('HINCRBY', key('seats', seat.service), seat.start, seat.delta) == 0 then
    redis.call('HDEL', key('seats', seat.service), seat.start)
    redis.call('ZREM', starts, seat.start)
    redis.call('ZREM', slots, slot)
  else
    redis.call('ZADD', starts, 0, seat.start)
    redis.call('ZADD', slots, 0, slot)
  end
end

local function write(change)
  if change.answer then
    redis.call('SET', key('answer', change.answer.request), change.answer.text)
    redis.call('ZADD', prefix .. 'answers', 0, change.answer.request)
  end
  for _, once in ipairs(change.once) do
    redis.call('SET', key('once', once), '')
  end
  if change.entry then
    redis.call('RPUSH', prefix .. 'calendar', change.entry.text)
  end
  if change.standing then
    redis.call('INCR', key('standing', change.standing.person))
  end
  for _, one in ipairs(change.appointments) do
    write_appointment(one)
  end
  for _, event in ipairs(change.events) do
    redis.call('ZADD', prefix .. 'numbers', 0, event.number)
    redis.call('RPUSH', key('events', event.number), event.text)
  end
  local attempts = change.attempts
  if attempts then
    redis.call('HSET', key('attempts', attempts.person), 'version', attempts.version, 'text', attempts.text)
  end
  for _, seat in ipairs(change.seats) do
    move_seats(seat)
  end
end

local results = {}
for place, change in ipairs(changes) do
  results[place] = conflict(change)
  if not results[place] then
    write(change)
    results[place] = {}
  end
end
return results
