-- Seats taken, from one moment. ARGV: the prefix of all keys; how far holds have run out; the ranges as JSON, each with
-- service, first and last. Gives {place of the range, from 1; start; seats; lapsed} for each slot with a seat taken.
local prefix, run_out, ranges = ARGV[1], ARGV[2], cjson.decode(ARGV[3])
local found = {}
for place, range in ipairs(ranges) do
  for _, start in ipairs(redis.call('ZRANGEBYLEX', prefix .. 'starts:' .. range.service, range.first, range.last)) do
    local seats = tonumber(redis.call('HGET', prefix .. 'seats:' .. range.service, start))
    local holds = prefix .. 'holds:' .. range.service .. ':' .. start
    found[#found + 1] = {place, start, seats, redis.call('ZLEXCOUNT', holds, '-', run_out)}
  end
end
return found
