"""The two scripts of rate limits.

A scope (a key, a user, a tenant) has a window and places. The window is a hash: the totals ``r``
and ``t`` (requests, tokens), the oldest and newest slot ``o`` and ``n``, and for each tenth of a
second ``r<slot>`` and ``t<slot>``. Places are a sorted set of permits, scored by the time they free
themselves.
"""

from genai.memory.store import Script

# KEYS: for each scope its window and its places.
# ARGV: now in microseconds (0: ask Redis), permit, tokens, lease in ms; for each scope its limits.
ADMIT = Script(
    """
local SLOT, SLOTS = 100000, 600
local now, permit = tonumber(ARGV[1]), ARGV[2]
local tokens, lease = tonumber(ARGV[3]), tonumber(ARGV[4])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local slot = math.floor(now / SLOT)

local function counts(key, field, from, to)
  local names = {}
  for s = from, to do names[#names + 1] = field .. s end
  return redis.call('HMGET', key, unpack(names)), names
end

local function forget(key, field, from, to)
  local total = 0
  local values, names = counts(key, field, from, to)
  for _, value in ipairs(values) do total = total + (tonumber(value) or 0) end
  redis.call('HDEL', key, unpack(names))
  return total
end

local function window(key)
  local head = redis.call('HMGET', key, 'r', 't', 'o', 'n')
  local w = {r = tonumber(head[1]), t = tonumber(head[2])}
  w.o, w.n = tonumber(head[3]), tonumber(head[4])
  local first = slot - SLOTS
  if not w.r or w.n < first or w.n > slot + SLOTS then
    redis.call('DEL', key)
    return {r = 0, t = 0, o = slot, n = slot}
  end
  if w.n > slot then slot = w.n end
  if w.o < first then
    w.r = w.r - forget(key, 'r', w.o, first - 1)
    w.t = w.t - forget(key, 't', w.o, first - 1)
    w.o = first
    redis.call('HSET', key, 'r', w.r, 't', w.t, 'o', w.o)
  end
  return w
end

local function until_free(key, w, field, excess)
  local freed = 0
  for i, value in ipairs((counts(key, field, w.o, w.n))) do
    freed = freed + (tonumber(value) or 0)
    if freed >= excess then return (w.o + i + SLOTS) * SLOT - now end
  end
  return SLOTS * SLOT
end

local windows, why, scope, wait = {}, 0, 1, 0
local function refuse(reason, i, delay)
  if delay > wait then why, scope, wait = reason, i, delay end
end
for i = 1, #KEYS / 2 do
  local key, places = KEYS[2 * i - 1], KEYS[2 * i]
  local limit = {tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])}
  local w = window(key)
  windows[i] = w
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now / 1000)
  if w.r + 1 > limit[1] then refuse(1, i, until_free(key, w, 'r', w.r + 1 - limit[1])) end
  if w.t + tokens > limit[2] then refuse(2, i, until_free(key, w, 't', w.t + tokens - limit[2])) end
  if redis.call('ZCARD', places) >= limit[3] then refuse(3, i, 1000000) end
end
if why == 0 then
  for i, w in ipairs(windows) do
    local key, places = KEYS[2 * i - 1], KEYS[2 * i]
    w.r, w.t, w.n = w.r + 1, w.t + tokens, slot
    redis.call('HINCRBY', key, 'r' .. slot, 1)
    redis.call('HINCRBY', key, 't' .. slot, tokens)
    redis.call('HSET', key, 'r', w.r, 't', w.t, 'o', w.o, 'n', w.n)
    redis.call('PEXPIRE', key, 2 * SLOT * SLOTS / 1000)
    redis.call('ZADD', places, math.ceil(now / 1000) + lease, permit)
    redis.call('PEXPIRE', places, lease)
  end
end
local w = windows[1]
local reset = 0
if w.r > 0 then reset = (w.n + SLOTS + 1) * SLOT - now end
return {why, scope, wait, slot, w.r, w.t, reset}
"""
)

# KEYS as above. ARGV: permit, slot, tokens to add (negative: to give back).
# Whoever removes the permit from the first scope's places settles; nobody can a second time.
SETTLE = Script(
    """
local permit, field, more = ARGV[1], 't' .. ARGV[2], tonumber(ARGV[3])
if redis.call('ZREM', KEYS[2], permit) == 0 then return 0 end
for i = 1, #KEYS / 2 do
  local key = KEYS[2 * i - 1]
  if i > 1 then redis.call('ZREM', KEYS[2 * i], permit) end
  if more ~= 0 and redis.call('HEXISTS', key, field) == 1 then
    redis.call('HINCRBY', key, field, more)
    redis.call('HINCRBY', key, 't', more)
  end
end
return 1
""",
    repeatable=True,
)
