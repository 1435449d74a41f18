-- Slots with a seat taken, from one moment. ARGV: the prefix of all keys; where to begin in the index of slots; at most
-- how many. Gives {branch, service, start, seats, appointments with a seat} for each.
local prefix, first, limit = unpack(ARGV)
local found = {}
for place, entry in ipairs(redis.call('ZRANGEBYLEX', prefix .. 'slots', first, '+', 'LIMIT', 0, limit)) do
  local branch, service, start = string.match(entry, '(%S+) (%S+) (%S+)')
  local name = branch .. ':' .. service
  local seats = tonumber(redis.call('HGET', prefix .. 'seats:' .. name, start))
  found[place] = {branch, service, start, seats, redis.call('ZCARD', prefix .. 'seated:' .. name .. ':' .. start)}
end
return found
