-- A sliding minute of one credential, in seconds: the algorithm of Window in ratelimits.py.
-- KEYS[1]: the credential. ARGV: requests and tokens allowed a minute (0: any number), tokens wanted, now in ms ("" means
--   Redis's own TIME). Answers 0 and counts the call, or the milliseconds after which there is room.
local requests, tokens, wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local second, flat, spent = math.floor(now / 1000), redis.call('HGETALL', KEYS[1]), {}
local calls, used = 0, 0
for i = 1, #flat, 2 do
  local at = tonumber(flat[i])
  if at <= second - 61 then
    redis.call('HDEL', KEYS[1], flat[i])
  else
    local n, t = string.match(flat[i + 1], '(%d+):(%d+)')
    spent[#spent + 1] = {at, tonumber(n), tonumber(t)}
    calls, used = calls + n, used + t
  end
end
table.sort(spent, function(one, other) return one[1] < other[1] end)
local wait, place = 0, 0
local function fits()
  return (requests == 0 or calls + 1 <= requests) and (tokens == 0 or used + wanted <= tokens)
end
while not fits() and place < #spent do
  place = place + 1
  calls, used = calls - spent[place][2], used - spent[place][3]
  wait = (spent[place][1] + 61) * 1000 - now
end
if wait == 0 then
  local n, t = string.match(redis.call('HGET', KEYS[1], string.format('%d', second)) or '0:0', '(%d+):(%d+)')
  redis.call('HSET', KEYS[1], string.format('%d', second), string.format('%d:%d', n + 1, t + wanted))
  redis.call('PEXPIRE', KEYS[1], 62000)
end
return wait
