"""What Redis does in one step. Keys of one scope share a hash tag; times are Redis's own, so that clocks of workers do not matter.

An inbox is three streams: urgent (priorities 7 to 9), normal (4 to 6), later (1 to 3). An entry has one field: its name is the number of the attempt, its value the message. (Python reads every further word slowly.)
"""

from __future__ import annotations

GROUP = "readers"
BANDS = ("urgent", "normal", "later")

# KEYS: version, names, the three streams · ARGV: name, terms, lifetime in ms
OPEN = f"""
for n = 3, 5 do
  redis.pcall('XGROUP', 'CREATE', KEYS[n], '{GROUP}', '0', 'MKSTREAM')
  redis.call('PEXPIRE', KEYS[n], ARGV[3])
end
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('INCR', KEYS[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return redis.status_reply('OK')
"""

# KEYS: version, names, the three streams · ARGV: name. Answers with what was still waiting.
CLOSE = """
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('INCR', KEYS[1])
local left = {}
for n = 3, 5 do
  for _, entry in ipairs(redis.call('XRANGE', KEYS[n], '-', '+', 'COUNT', 1000)) do
    left[#left + 1] = entry[2][2]
  end
  redis.call('DEL', KEYS[n])
end
return left
"""

# KEYS: version, names. Answers with the version, and names and terms in turn.
NAMES = "return {redis.call('GET', KEYS[1]) or '', redis.call('HGETALL', KEYS[2])}"

# KEYS: version, then three streams per inbox · ARGV: version that the sender knows, lifetime in ms, number of messages, the messages, and per
# delivery: message, first key of the inbox, band 0 to 2, capacity, policy. Answers with nothing when the version is another one, else per
# delivery '1' in the inbox, '0' full, or the message that was dropped to make room (the new one itself, when nothing less urgent waited).
SEND = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return false end
local count, answers, lengths, at = tonumber(ARGV[3]), {}, {}, 3 + tonumber(ARGV[3])
local function oldest(first, from)
  for band = 2, from, -1 do
    local last = '0-0'
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[first + band])) do
      for n = 1, #group, 2 do if group[n] == 'last-delivered-id' then last = group[n + 1] end end
    end
    local found = redis.call('XRANGE', KEYS[first + band], '(' .. last, '+', 'COUNT', 1)
    if found[1] then return KEYS[first + band], found[1] end
  end
end
while at < #ARGV do
  local body, first, band = ARGV[3 + tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local capacity, answer, keep = tonumber(ARGV[at + 4]), '1', true
  if not lengths[first] then
    lengths[first] = redis.call('XLEN', KEYS[first]) + redis.call('XLEN', KEYS[first + 1]) + redis.call('XLEN', KEYS[first + 2])
    for n = first, first + 2 do redis.call('PEXPIRE', KEYS[n], ARGV[2]) end
  end
  if lengths[first] >= capacity then
    if ARGV[at + 5] == 'refuse' then
      answer, keep = '0', false
    else
      local key, entry = oldest(first, band)
      if key then
        redis.call('XDEL', key, entry[1])
        lengths[first] = lengths[first] - 1
        answer = entry[2][2]
      else
        answer, keep = body, false
      end
    end
  end
  if keep then
    redis.call('XADD', KEYS[first + band], '*', '1', body)
    lengths[first] = lengths[first] + 1
  end
  answers[#answers + 1] = answer
  at = at + 5
end
return answers
"""

# KEYS: stream · ARGV: entry, message, attempt. Settles an entry and puts its message at the end; nothing when somebody else has settled it.
AGAIN = f"""
if redis.call('XACK', KEYS[1], '{GROUP}', ARGV[1]) == 0 then return 0 end
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('XADD', KEYS[1], '*', ARGV[3], ARGV[2])
return 1
"""
