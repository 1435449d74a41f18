-- What is stored under numbers, from one moment. ARGV: the prefix of all keys; where to begin; at most how many.
-- Gives {number, the appointment's text or '', texts of the events} for each number that has either.
local prefix, first, limit = unpack(ARGV)
local found = {}
for place, number in ipairs(redis.call('ZRANGEBYLEX', prefix .. 'numbers', first, '+', 'LIMIT', 0, limit)) do
  local text = redis.call('HGET', prefix .. 'appointment:' .. number, 'text')
  found[place] = {number, text or '', redis.call('LRANGE', prefix .. 'events:' .. number, 0, -1)}
end
return found
