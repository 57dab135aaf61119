"""Lua scripts of the money ledger. Parts of them are also used in `limit_scripts`.

    {tenant}|budgets                  limits: <scope>|day and <scope>|month
    {tenant}|money|<month>|<scope>    sums: spent and held of the month, and of each day, as in spent07
    {tenant}|held                     reservations: permit -> "<amount> <day> <request> <key> <user> <session>
                                      <1 for each scope in which it is held, 0 for the others>"
    {tenant}|due                      the same permits, by the time when they expire
    {tenant}|unsettled                expired permits: "<charged> <the above>"
    {tenant}|ledger|<month>           a stream of all booked amounts, append-only
    {tenant}|usage|<day>...           counters <model>|<counter> of tenant, user and key
    {tenant}|erased|<digest>          an erased user (`genai.memory.erased`)

A scope is ``tenant``, ``user|<user>``, ``key|<key id>`` or ``session|<id>``. Amounts are in whole
micro-dollars; days and months are in UTC, by the clock of Redis.
"""

from genai.memory.store import Script

KEPT_FOR_S = 400 * 86_400
REMEMBERED_FOR_S = 600

# The last key of scripts that use this is ``{tenant}|held``; the other keys are derived from it.
_PLACES = f"""
local HELD = KEYS[#KEYS]
local TENANT = string.sub(HELD, 1, -5)
local KEPT = {KEPT_FOR_S}
"""

NOW = """
local function time_of_redis()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
"""

# The date of a Unix time in microseconds, by Howard Hinnant's algorithm civil_from_days.
_CALENDAR = """
local function date_of(us)
  local z = math.floor(us / 86400000000) + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local leap = math.floor(doe / 1460) - math.floor(doe / 36524) + math.floor(doe / 146096)
  local yoe = math.floor((doe - leap) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local d = doy - math.floor((153 * mp + 2) / 5) + 1
  local m = mp + 3
  if m > 12 then m = m - 12 end
  local y = yoe + era * 400
  if m <= 2 then y = y + 1 end
  return string.format('%04d-%02d-%02d', y, m, d)
end
"""

_ACCOUNTS = """
local function account(day, scope)
  return TENANT .. 'money|' .. string.sub(day, 1, 7) .. '|' .. scope, string.sub(day, 9)
end

local function add(day, scopes, what, amount)
  if amount == 0 then return false end
  local fresh = false
  for _, scope in ipairs(scopes) do
    local key, dd = account(day, scope)
    redis.call('HINCRBY', key, what, amount)
    if redis.call('HINCRBY', key, what .. dd, amount) == amount then
      redis.call('EXPIRE', key, KEPT)
      fresh = true
    end
  end
  return fresh
end

local function parsed(line)
  local r, _ = {}
  _, _, r.amount, r.day, r.request, r.key, r.user, r.session, r.mask =
    string.find(line, '^(%d+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)')
  r.amount = tonumber(r.amount)
  r.scopes = {'tenant', 'user|' .. r.user, 'key|' .. r.key}
  if r.session ~= '-' then r.scopes[4] = 'session|' .. r.session end
  return r
end

local function holding(r)
  local scopes = {}
  for i, scope in ipairs(r.scopes) do
    if string.sub(r.mask, i, i) == '1' then scopes[#scopes + 1] = scope end
  end
  return scopes
end

local function enter(r, kind, model, prompt, cached, completion, cost)
  if cost == 0 then return end
  local key = TENANT .. 'ledger|' .. string.sub(r.day, 1, 7)
  redis.call('XADD', key, '*', 'kind', kind, 'request', r.request, 'key', r.key, 'user', r.user,
    'model', model, 'prompt', prompt, 'cached', cached, 'completion', completion, 'cost', cost)
  if add(r.day, r.scopes, 'spent', cost) then redis.call('EXPIRE', key, KEPT) end
end

local NAMES = {'requests', 'prompt_tokens', 'completion_tokens', 'cost_micro_usd'}
local function count(r, model, numbers)
  local base = TENANT .. 'usage|' .. r.day
  for _, key in ipairs({base, base .. '|user|' .. r.user, base .. '|key|' .. r.key}) do
    for i, name in ipairs(NAMES) do
      if numbers[i] ~= 0 then
        local total = redis.call('HINCRBY', key, model .. '|' .. name, numbers[i])
        if i == 1 and total == 1 then redis.call('EXPIRE', key, KEPT) end
      end
    end
  end
end

-- Bills are five words each: model, prompt tokens, cached among them, completion tokens, cost.
local function book(r, first)
  for i = first, #ARGV, 5 do
    local model, cost = ARGV[i], tonumber(ARGV[i + 4])
    local prompt, completion = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 3])
    enter(r, 'use', model, prompt, ARGV[i + 2], completion, cost)
    count(r, model, {1, prompt, completion, cost})
  end
end
"""

# Charges or frees expired reservations. A late settlement, or a reconciliation with the provider's bill,
# replaces that by the actual cost.
_EXPIRE = """
local function expire(now_ms, charge)
  local due = TENANT .. 'due'
  for _, permit in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now_ms, 'LIMIT', 0, 64)) do
    redis.call('ZREM', due, permit)
    local line = redis.call('HGET', HELD, permit)
    if line then
      local r = parsed(line)
      redis.call('HDEL', HELD, permit)
      add(r.day, holding(r), 'held', -r.amount)
      local charged = charge and r.amount or 0
      enter(r, 'expired', '-', 0, 0, 0, charged)
      redis.call('HSET', TENANT .. 'unsettled', permit, charged .. ' ' .. line)
      redis.call('EXPIRE', TENANT .. 'unsettled', KEPT)
    end
  end
end
"""

# Removes the reservation or provisional charge of a permit; nil if it was settled before.
_TAKE_BACK = """
local function take_back(permit)
  local line = redis.call('HGET', HELD, permit)
  if line then
    redis.call('HDEL', HELD, permit)
    redis.call('ZREM', TENANT .. 'due', permit)
    local r = parsed(line)
    add(r.day, holding(r), 'held', -r.amount)
    return r
  end
  line = redis.call('HGET', TENANT .. 'unsettled', permit)
  if not line then return nil end
  redis.call('HDEL', TENANT .. 'unsettled', permit)
  local charged, rest = string.match(line, '^(%d+) (.*)$')
  local r = parsed(rest)
  enter(r, 'returned', '-', 0, 0, 0, -tonumber(charged))
  return r
end
"""

_ERASED = """
local function erased(user)
  return redis.call('EXISTS', TENANT .. 'erased|' .. redis.sha1hex(user)) == 1
end
"""

LEDGER = _PLACES + NOW + _CALENDAR + _ACCOUNTS + _EXPIRE + _TAKE_BACK + _ERASED

# ARGV: 1 to charge expired permits, now (0: time of Redis).
_UP_TO_DATE = (
    LEDGER
    + """
local now = tonumber(ARGV[2])
if now == 0 then now = time_of_redis() end
expire(now / 1000, ARGV[1] == '1')
"""
)

# Books a request without a reservation. KEYS: a mark of this booking, held. ARGV: lifetime of the mark, day
# or empty, request, key, user, session, bills. The mark makes the script repeatable.
BOOK = Script(
    LEDGER
    + """
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then return 0 end
local day = ARGV[2]
if day == '' then day = date_of(time_of_redis()) end
local who = {ARGV[3], ARGV[4], ARGV[5], ARGV[6]}
if erased(ARGV[5]) then who = {'-', '-', '-', '-'} end
book(parsed(table.concat({0, day, who[1], who[2], who[3], who[4], '-'}, ' ')), 7)
return 1
""",
    repeatable=True,
)

# KEYS: held. ARGV: user. Anonymises the reservations of running requests, which then count for the tenant
# only. Returns the ids of their sessions.
ANONYMISE_HELD = Script(
    LEDGER
    + """
local lines, sessions = redis.call('HGETALL', HELD), {}
for i = 1, #lines, 2 do
  local r = parsed(lines[i + 1])
  if r.user == ARGV[1] then
    local mask = string.sub(r.mask, 1, 1) .. '00'
    redis.call('HSET', HELD, lines[i], table.concat({r.amount, r.day, '- - - -', mask}, ' '))
    if r.session ~= '-' then sessions[#sessions + 1] = r.session end
  end
end
return sessions
""",
    repeatable=True,
)

# KEYS: held. ARGV: 1 to charge expired permits, now (0: time of Redis), scopes.
# Returns the date, and for each scope: the limits of day and month that were set, and spent and held of each.
STATUS = Script(
    _UP_TO_DATE
    + """
local day, found = date_of(now), {}
for i = 3, #ARGV do
  local key, dd = account(day, ARGV[i])
  local caps = redis.call('HMGET', TENANT .. 'budgets', ARGV[i] .. '|day', ARGV[i] .. '|month')
  local sums = redis.call('HMGET', key, 'spent' .. dd, 'held' .. dd, 'spent', 'held')
  found[#found + 1] = {caps[1], caps[2], sums[1], sums[2], sums[3], sums[4]}
end
return {day, found}
"""
)

# KEYS: held. ARGV: 1 to charge expired permits, now (0: time of Redis). Returns permits and their lines.
UNSETTLED = Script(
    _UP_TO_DATE
    + """
return redis.call('HGETALL', TENANT .. 'unsettled')
"""
)

# KEYS: held. ARGV: permit. Settles it without booking anything.
RELEASE = Script(LEDGER + "return take_back(ARGV[1]) and 1 or 0", repeatable=True)

# KEYS: held. ARGV: permit, bills.
RECONCILE = Script(
    LEDGER
    + """
if redis.call('HEXISTS', TENANT .. 'unsettled', ARGV[1]) == 0 then return 0 end
book(take_back(ARGV[1]), 2)
return 1
""",
    repeatable=True,
)
