-- Commits changes and answers queries. Redis runs a script whole, so nobody comes between.
-- ARGV: the prefix of all keys; a list of calls as JSON, as written.py makes it: the name of a verb and its arguments.
local prefix, calls, verbs = ARGV[1], cjson.decode(ARGV[2]), {}

local function at(...) return prefix .. table.concat({...}, ':') end

local function each(values, answer)
  local answers = {}
  for place, value in ipairs(values) do answers[place] = answer(value) end
  return answers
end

local function record(name, key)
  local fields = key and redis.call('HGETALL', at('record', name, key)) or {}
  return #fields > 0 and fields
end

local function value(name, key) return redis.call('HGET', at('counter', name), key) or '0' end

-- Whole numbers as text: those of Lua lose digits above 2^53.
local function is_less(one, other) return #one < #other or (#one == #other and one < other) end

-- Each guard of a change that does not hold: {name, key, stored, record or false}.
local function failed_guards(versions, counts)
  local failed = {}
  for _, version in ipairs(versions) do
    local name, key, expected = unpack(version)
    local stored = redis.call('HGET', at('record', name, key), ':version') or '0'
    if stored ~= expected then
      failed[#failed + 1] = {name, key, stored, expected == '0' and record(name, key)}
    end
  end
  for _, count in ipairs(counts) do
    local name, key, _, least, bound = unpack(count)
    local stored = value(name, key)
    if is_less(stored, least) or not is_less(stored, bound) then failed[#failed + 1] = {name, key, stored, false} end
  end
  return failed
end

local function write(counts, records, trims, entries)
  for _, written in ipairs(records) do
    local name, key, fields, places = unpack(written)
    local where = at('record', name, key)
    for _, place in ipairs(cjson.decode(redis.call('HGET', where, ':places') or '[]')) do
      redis.call('ZREM', at('index', name, place[1]), place[2])
    end
    redis.call('DEL', where)
    if fields then -- a delete has none
      redis.call('HSET', where, ':places', cjson.encode(places), unpack(fields))
      for _, place in ipairs(places) do redis.call('ZADD', at('index', name, place[1]), 0, place[2]) end
    end
  end
  for _, count in ipairs(counts) do
    local name, key, delta = unpack(count)
    local is_above_0 = redis.call('HINCRBY', at('counter', name), key, delta) > 0
    redis.call(unpack(is_above_0 and {'ZADD', at('counted', name), 0, key} or {'ZREM', at('counted', name), key}))
  end
  for _, stream in ipairs(trims) do
    for _, position in ipairs(redis.call('LRANGE', at('stream', stream), 0, -1)) do
      redis.call('XDEL', at('log'), position)
    end
    redis.call('DEL', at('stream', stream))
  end
  for _, entry in ipairs(entries) do
    local position = string.format('1-%.0f', redis.call('INCR', at('last')))
    redis.call('XADD', at('log'), position, 'stream', entry[1], 'kind', entry[2], 'body', entry[3])
    redis.call('RPUSH', at('stream', entry[1]), position)
  end
end

function verbs.commit(versions, counts, records, trims, entries)
  local failed = failed_guards(versions, counts)
  if #failed == 0 then write(counts, records, trims, entries) end
  return failed
end

-- The key itself, or the text in the column of a record, or false if there is none.
local function led_to(key)
  return type(key) == 'string' and key or redis.call('HGET', at('record', key[1], key[2]), key[3])
end

-- Members of a sorted set in a span: {what they begin with, first, last}. A bound begins with '[' or '(', or is '+'.
local function members(set, range, limit, span)
  local start = led_to(span[1])
  local function bound(text) return string.sub(text, 1, 1) .. start .. string.sub(text, 2) end
  return start and redis.call(range, set, bound(span[2]), bound(span[3]), 'LIMIT', 0, limit) or {}
end

local function entries(first, last, limit)
  local function read(entry) return {entry[1], entry[2][2], entry[2][4], entry[2][6]} end
  return each(redis.call('XRANGE', at('log'), first, last, 'COUNT', limit) or {}, read)
end

function verbs.RecordsByKey(name, keys) return each(keys, function(key) return record(name, led_to(key)) end) end

function verbs.RecordsByIndex(name, index, range, limit, spans)
  local function listed(member) return record(name, (string.gsub(member, '^.*%z', ''))) end -- the key is the last part
  return each(spans, function(span) return each(members(at('index', name, index), range, limit, span), listed) end)
end

function verbs.CountersByKey(name, keys) return each(keys, function(key) return value(name, key) end) end

function verbs.CountersByRange(name, range, limit, spans)
  local function counted(key) return {key, value(name, key)} end
  return each(spans, function(span) return each(members(at('counted', name), range, limit, span), counted) end)
end

function verbs.EntriesOfStreams(streams)
  return each(streams, function(stream)
    local found = {}
    for _, position in ipairs(redis.call('LRANGE', at('stream', stream), 0, -1)) do
      found[#found + 1] = entries(position, position, 1)[1] -- nothing if it was pruned
    end
    return found
  end)
end

function verbs.feed(after, limit) return {redis.call('GET', at('last')) or '0', entries('(' .. after, '+', limit)} end

return each(calls, function(call) return verbs[call[1]](unpack(call, 2)) end)
