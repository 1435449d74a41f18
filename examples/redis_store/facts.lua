-- Answers queries from one moment. ARGV: the prefix of all keys; the queries as JSON, as `query_data` of written.py
-- makes them. Gives how many entries the calendar has, and for each query
-- {answer or nil, appointment or nil, person or nil, version, texts of the person's appointments, seats taken}.
local prefix, queries = ARGV[1], cjson.decode(ARGV[2])

local function key(kind, name)
  return prefix .. kind .. ':' .. name
end

local function number_at(found)
  return tonumber(found or '0')
end

local function appointments(person, ended)
  local texts = {}
  for place, entry in ipairs(redis.call('ZRANGEBYLEX', prefix .. 'person:' .. person .. ':ends', ended, '+')) do
    texts[place] = redis.call('HGET', key('appointment', string.match(entry, '%S+$')), 'text')
  end
  return texts
end

local function facts(query)
  local appointment, person = false, query.person or false
  if query.number then
    local stored = redis.call('HMGET', key('appointment', query.number), 'text', 'person')
    appointment, person = stored[1], stored[2]
  end
  local taken = {}
  for place, slot in ipairs(query.slots) do
    taken[place] = number_at(redis.call('HGET', key('seats', slot.service), slot.start))
  end
  return {
    redis.call('GET', key('answer', query.request)),
    appointment,
    person,
    person and number_at(redis.call('GET', key('standing', person))) or 0,
    person and appointments(person, query.ended) or {},
    taken,
  }
end

local found = {}
for place, query in ipairs(queries) do
  found[place] = facts(query)
end
return {redis.call('LLEN', prefix .. 'calendar'), found}
