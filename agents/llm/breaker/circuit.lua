-- Circuits shared by all processes: the algorithm of rules.py, where each function is described.
-- KEYS: the circuits that one call depends on. ARGV: deed, rules as JSON, now in ms ("" means Redis's own TIME), then
--   enter: a token, 1 if it waited    -> for each circuit {state, until, probe, trial}; nothing is taken unless every circuit lets pass
--   note:  chance, then per circuit outcome, probe, told in ms, trial -> for each circuit {state, until, opened}
-- Every key that is written gets a time to live.
local deed, rules = ARGV[1], cjson.decode(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function load(key)
  local flat, circuit = redis.call('HGETALL', key), {buckets = {}, trials = {}}
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 2) == 'b:' then
      circuit.buckets[tonumber(string.sub(flat[i], 3))] = flat[i + 1]
    elseif string.sub(flat[i], 1, 2) == 't:' then
      circuit.trials[string.sub(flat[i], 3)] = tonumber(flat[i + 1])
    else
      circuit[flat[i]] = flat[i + 1]
    end
  end
  for _, name in ipairs({'open_until', 'trips', 'in_a_row', 'proved', 'probe_until'}) do
    circuit[name] = tonumber(circuit[name] or 0)
  end
  circuit.probe = circuit.probe or ''
  return circuit
end

local function knows_nothing(circuit)
  return circuit.open_until == 0 and circuit.trips == 0 and circuit.in_a_row == 0
    and next(circuit.buckets) == nil and next(circuit.trials) == nil
end

local function save(key, circuit)
  local flat = {}
  for _, name in ipairs({'open_until', 'trips', 'in_a_row', 'proved', 'probe_until', 'probe'}) do
    flat[#flat + 1] = name
    flat[#flat + 1] = circuit[name]
  end
  for place, counts in pairs(circuit.buckets) do
    flat[#flat + 1] = 'b:' .. string.format('%d', place)
    flat[#flat + 1] = counts
  end
  for token, till in pairs(circuit.trials) do
    flat[#flat + 1] = 't:' .. token
    flat[#flat + 1] = string.format('%d', till)
  end
  redis.call('DEL', key)
  if knows_nothing(circuit) then return end
  redis.call('HSET', key, unpack(flat))
  redis.call('PEXPIRE', key, math.max(0, circuit.open_until - now) + rules.forget)
end

local function look(circuit)
  if circuit.open_until == 0 then return 'closed', 0 end
  if now < circuit.open_until then return 'open', circuit.open_until end
  if circuit.probe ~= '' and now < circuit.probe_until then
    return 'open', math.min(circuit.probe_until, now + rules.look_again)
  end
  return 'half_open', 0
end

local function is_proved(circuit)
  if circuit.in_a_row > 0 then return false end
  for place, counts in pairs(circuit.buckets) do
    local n, f = string.match(counts, '(%d+):(%d+)')
    if place > math.floor((now - rules.window) / rules.bucket) and tonumber(n) > tonumber(f) then return true end
  end
  return false
end

local function may(circuit, waited)
  local state, till = look(circuit)
  if state ~= 'closed' or is_proved(circuit) or (waited and circuit.in_a_row == 0) then return state, till end
  local out, soonest = 0, nil
  for token, ends in pairs(circuit.trials) do
    if ends > now then
      out, soonest = out + 1, math.min(soonest or ends, ends)
    else
      circuit.trials[token] = nil
    end
  end
  if out < math.max(1, rules.trials - circuit.in_a_row) then return state, till end
  return 'held', soonest
end

local function open(circuit, told, chance)
  if told > 0 then
    circuit.open_until = now + math.min(told, rules.told_most)
  else
    circuit.trips = circuit.trips + 1
    local whole = math.min(rules.longest, rules.shortest * 2 ^ (circuit.trips - 1))
    circuit.open_until = now + math.floor(whole * (1 + rules.jitter * (2 * chance - 1)))
  end
  circuit.proved, circuit.in_a_row, circuit.buckets, circuit.trials = 0, 0, {}, {}
  return 1
end

local function is_bad(circuit, here)
  local oldest, calls, failed = here - math.floor(rules.window / rules.bucket), 0, 0
  for place, counts in pairs(circuit.buckets) do
    if place > oldest then
      local n, f = string.match(counts, '(%d+):(%d+)')
      calls, failed = calls + n, failed + f
    else
      circuit.buckets[place] = nil
    end
  end
  return (calls >= rules.enough and failed >= calls * rules.share) or circuit.in_a_row >= rules.in_a_row
end

local function count(circuit, outcome, told, chance)
  local here = math.floor(now / rules.bucket)
  local n, f = string.match(circuit.buckets[here] or '0:0', '(%d+):(%d+)')
  local failed = outcome == 'fail' and 1 or 0
  circuit.buckets[here] = string.format('%d:%d', n + 1, f + failed)
  circuit.in_a_row = failed == 1 and circuit.in_a_row + 1 or 0
  local bad = is_bad(circuit, here)
  if failed == 1 and (told > 0 or bad) then return open(circuit, told, chance) end
  return 0
end

local function prove(circuit, outcome, told, chance)
  if outcome == 'fail' then return open(circuit, told, chance) end
  circuit.proved = circuit.proved + 1
  if circuit.proved >= rules.closes_after then
    circuit.open_until, circuit.trips, circuit.in_a_row, circuit.proved = 0, 0, 0, 0
    circuit.buckets = {[math.floor(now / rules.bucket)] = '1:0'}
  end
  return 0
end

local function note(circuit, outcome, probe, told, chance, trial)
  circuit.trials[trial] = nil
  if circuit.open_until > 0 and (probe == '' or probe ~= circuit.probe) then
    if told > 0 then
      circuit.open_until = math.max(circuit.open_until, now + math.min(told, rules.told_most))
    end
    return 0
  end
  if probe ~= '' and probe ~= circuit.probe then return 0 end
  circuit.probe = ''
  if outcome == 'ignore' then return 0 end
  if circuit.open_until > 0 then return prove(circuit, outcome, told, chance) end
  return count(circuit, outcome, told, chance)
end

local answer = {}
if deed == 'enter' then
  local circuits, passes = {}, true
  for i, key in ipairs(KEYS) do
    circuits[i] = load(key)
    local state, till = may(circuits[i], ARGV[5] == '1')
    answer[i] = {state, till, '', ''}
    passes = passes and state ~= 'open' and state ~= 'held'
  end
  for i, key in ipairs(KEYS) do
    if passes and answer[i][1] == 'half_open' then
      circuits[i].probe, circuits[i].probe_until, answer[i][3] = ARGV[4], now + rules.probe, ARGV[4]
      save(key, circuits[i])
    elseif passes and not is_proved(circuits[i]) then
      local lasts = circuits[i].in_a_row > 0 and rules.trial_failing or rules.trial
      circuits[i].trials[ARGV[4]], answer[i][4] = now + lasts, ARGV[4]
      save(key, circuits[i])
    end
  end
else
  for i, key in ipairs(KEYS) do
    local at, circuit = 1 + 4 * i, load(key)
    local outcome, probe, told, trial = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
    local opened = 0
    if outcome ~= 'ignore' or probe ~= '' or told > 0 or circuit.trials[trial] then
      opened = note(circuit, outcome, probe, told, tonumber(ARGV[4]), trial)
      save(key, circuit)
    end
    local state, till = look(circuit)
    answer[i] = {state, till, opened}
  end
end
return cjson.encode({now, answer})  -- one text: a client reads it in one go
