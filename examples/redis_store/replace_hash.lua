-- Writes a password hash where the stored one still is the one seen. ARGV: the prefix of all keys; the person; the new one; the
-- one seen, left out where there was none. Gives whether it did.
local where = ARGV[1] .. 'password:' .. ARGV[2]
if redis.call('GET', where) ~= (ARGV[4] or false) then
  return 0
end
redis.call('SET', where, ARGV[3])
return 1
