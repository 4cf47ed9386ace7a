"""What the cache server runs to count calls, by the names it has for it. A script runs alone: nothing comes between."""

import hashlib

# KEYS are counters, ARGV their limits and then the window. The answer: 0 or the longest wait in ms; then, of the
# counter nearest to its limit, that limit, what is left and the ms to its end. Rubbish in a key counts as nothing.
_COUNT = """
local window = ARGV[#ARGV]

local function counted(key)
  local value = redis.pcall('GET', key)
  local number = type(value) == 'string' and tonumber(value)
  if value and (not number or number % 1 ~= 0) then
    redis.call('DEL', key)
    return 0
  end
  return number or 0
end

local function time_left(key)
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, window) end
  return redis.call('PTTL', key)
end

local wait, nearest = 0, {0, 0, 0}
for i, key in ipairs(KEYS) do
  if counted(key) >= tonumber(ARGV[i]) and time_left(key) >= wait then
    wait = math.max(time_left(key), 1)
    nearest = {tonumber(ARGV[i]), 0, wait}
  end
end
if wait > 0 then return {wait, unpack(nearest)} end

local least
for i, key in ipairs(KEYS) do
  local rest = tonumber(ARGV[i]) - redis.call('INCR', key)
  local left = time_left(key)
  if not least or rest < least then
    least = rest
    nearest = {tonumber(ARGV[i]), rest, left}
  end
end
return {0, unpack(nearest)}
"""

# For a call that turned out to be nobody's. A window that has ended meanwhile stays ended.
_TAKE_BACK = """
for _, key in ipairs(KEYS) do
  local number = tonumber(redis.call('GET', key))
  if number and number > 0 then redis.call('DECR', key) end
end
"""
SCRIPTS = {hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(): text for text in (_COUNT, _TAKE_BACK)}
COUNT, TAKE_BACK = SCRIPTS
