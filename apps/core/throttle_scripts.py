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
  local left = redis.call('PTTL', key)
  if left >= 0 then return left end
  redis.call('PEXPIRE', key, window)
  return tonumber(window)
end

local wait, nearest = 0, {0, 0, 0}
for i, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[i])
  local left = counted(key) >= limit and math.max(time_left(key), 1)
  if left and left >= wait then
    wait = left
    nearest = {limit, 0, wait}
  end
end
if wait > 0 then return {wait, unpack(nearest)} end

local least
for i, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[i])
  local rest, left = limit - redis.call('INCR', key), time_left(key)
  if not least or rest < least then
    least = rest
    nearest = {limit, rest, left}
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
