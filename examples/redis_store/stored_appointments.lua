-- All that is stored under some numbers, from one moment. ARGV: the prefix of all keys; where to begin in the index of
-- numbers; at most how many. Gives {number, text of the appointment or false, texts of its events} for each.
local prefix, first, limit = unpack(ARGV)
local found = {}
for place, number in ipairs(redis.call('ZRANGEBYLEX', prefix .. 'numbers', first, '+', 'LIMIT', 0, limit)) do
  local text = redis.call('HGET', prefix .. 'appointment:' .. number, 'text')
  found[place] = {number, text, redis.call('LRANGE', prefix .. 'events:' .. number, 0, -1)}
end
return found
