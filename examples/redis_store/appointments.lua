-- Texts of the appointments that one index names, from one moment. ARGV: the prefix of all keys; ZRANGEBYLEX or
-- ZREVRANGEBYLEX; the index; where to begin and to end; at most how many (-1: all).
local prefix, range, index, first, last, limit = unpack(ARGV)
local texts = {}
for place, entry in ipairs(redis.call(range, prefix .. index, first, last, 'LIMIT', 0, limit)) do
  texts[place] = redis.call('HGET', prefix .. 'appointment:' .. string.match(entry, '%S+$'), 'text')
end
return texts
