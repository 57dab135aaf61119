"""Lua scripts that admit and settle a request: rate limits and budgets together.

Each scope of a rate limit (key, user, tenant) has a window and places. The window is a hash: the totals
``r`` and ``t`` (requests, tokens), the oldest and newest slot ``o`` and ``n``, and for each tenth of a
second ``r<slot>`` and ``t<slot>``. Places are a sorted set of the running requests' permits, scored by the
end of their lease. Keys of the money ledger are described in `money_scripts`.

If a caller stops waiting for an admission, it is settled, even while its command is under way; another
connection may be faster. So settling an unknown permit leaves the mark ``{tenant}|settled|<permit>``
for a while, and an admission that arrives later does nothing.
"""

from genai.access.money_scripts import LEDGER
from genai.memory.store import Script

MARKED_FOR_S = 60

_WINDOWS = """
local SLOT, SLOTS = 100000, 600
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
"""

_WITHIN_LIMITS = """
local windows, why, scope, wait = {}, 0, 1, 0
local function refuse(reason, i, delay)
  if delay > wait then why, scope, wait = reason, i, delay end
end
for i = 1, limited do
  local key, places = KEYS[2 * i - 1], KEYS[2 * i]
  local at = 8 + 3 * i
  local limit = {tonumber(ARGV[at - 2]), tonumber(ARGV[at - 1]), tonumber(ARGV[at])}
  local w = window(key)
  windows[i] = w
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now / 1000)
  if w.r + 1 > limit[1] then refuse(1, i, until_free(key, w, 'r', w.r + 1 - limit[1])) end
  if w.t + tokens > limit[2] then refuse(2, i, until_free(key, w, 't', w.t + tokens - limit[2])) end
  if redis.call('ZCARD', places) >= limit[3] then refuse(3, i, 1000000) end
end
"""

# A budget that was set for a scope takes precedence over that of the settings.
_WITHIN_BUDGETS = """
local DAY = 86400000000
local bounded, held, mask = 0, nil, ''
if record ~= '' then
  local day = date_of(now)
  expire(now / 1000, charge)
  held = parsed(amount .. ' ' .. day .. ' ' .. record .. ' -')
  if erased(held.user) then return {6, 1, 0, 0, 0, 0, 0, 0} end
  local fields = {}
  for i, name in ipairs(held.scopes) do
    fields[2 * i - 1], fields[2 * i] = name .. '|day', name .. '|month'
  end
  local caps = redis.call('HMGET', TENANT .. 'budgets', unpack(fields))
  for i, name in ipairs(held.scopes) do
    local at = 9 + 3 * limited + 2 * (i - 1)
    local of_day = tonumber(caps[2 * i - 1] or ARGV[at])
    local of_month = tonumber(caps[2 * i] or ARGV[at + 1])
    mask = mask .. ((of_day or of_month) and '1' or '0')
    if of_day or of_month then
      bounded = 1
      local key, dd = account(day, name)
      local sums = redis.call('HMGET', key, 'spent' .. dd, 'held' .. dd, 'spent', 'held')
      for k = 1, 4 do sums[k] = tonumber(sums[k]) or 0 end
      if amount > 0 and of_day and sums[1] + sums[2] + amount > of_day then
        refuse(4, i, DAY - now % DAY)
      end
      if amount > 0 and of_month and sums[3] + sums[4] + amount > of_month then
        local later = now
        while string.sub(date_of(later), 1, 7) == string.sub(day, 1, 7) do later = later + DAY end
        refuse(5, i, later - later % DAY - now)
      end
    end
  end
end
"""

_TAKE = """
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
  if record ~= '' then
    held.mask = mask
    redis.call('HSET', HELD, permit, amount .. ' ' .. held.day .. ' ' .. record .. ' ' .. mask)
    redis.call('ZADD', TENANT .. 'due', math.ceil(now / 1000) + lease, permit)
    if bounded == 1 then add(held.day, holding(held), 'held', amount) end
  end
end
local w = windows[1]
local reset = 0
if w.r > 0 then reset = (w.n + SLOTS + 1) * SLOT - now end
return {why, scope, wait, slot, w.r, w.t, reset, bounded}
"""

# KEYS: for each limited scope its window and its places; then held.
# ARGV: now in microseconds (0: time of Redis), permit, tokens, lease in ms, 1 to charge expired permits,
# amount, number of limited scopes, record (empty, or request, key, user and session); for each limited
# scope its limits; for each scope of budgets those of the settings for a day and a month.
ADMIT = Script(
    LEDGER
    + """
local now, permit = tonumber(ARGV[1]), ARGV[2]
if redis.call('EXISTS', TENANT .. 'settled|' .. permit) == 1 then return {3, 1, 0, 0, 0, 0, 0, 0} end
local tokens, lease = tonumber(ARGV[3]), tonumber(ARGV[4])
local charge, amount = ARGV[5] == '1', tonumber(ARGV[6])
local limited, record = tonumber(ARGV[7]), ARGV[8]
if now == 0 then now = time_of_redis() end
"""
    + _WINDOWS
    + _WITHIN_LIMITS
    + _WITHIN_BUDGETS
    + _TAKE
)

# KEYS as above. ARGV: permit, slot, tokens to add (negative: to give back), bills.
# A permit is settled once: by the call that removes it from the places of the first scope, and from the
# held permits.
SETTLE = Script(
    LEDGER
    + f"""
local permit, field, more = ARGV[1], 't' .. ARGV[2], tonumber(ARGV[3])
local had_place = redis.call('ZREM', KEYS[2], permit) == 1
if had_place then
  for i = 1, (#KEYS - 1) / 2 do
    local key = KEYS[2 * i - 1]
    if i > 1 then redis.call('ZREM', KEYS[2 * i], permit) end
    if more ~= 0 and redis.call('HEXISTS', key, field) == 1 then
      redis.call('HINCRBY', key, field, more)
      redis.call('HINCRBY', key, 't', more)
    end
  end
end
local r = take_back(permit)
if r then book(r, 4) end
if not r and not had_place then
  redis.call('SET', TENANT .. 'settled|' .. permit, 1, 'EX', {MARKED_FOR_S})
end
return 1
""",
    repeatable=True,
)
