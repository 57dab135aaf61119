"""Lua scripts of `idempotency`.

The record of a running request is a hash: ``payload`` (its digest), ``claim`` (a number), ``until`` (end of
the lease), ``by`` (the attempt that claimed it), ``permit``, and, while others wait for a stream, ``joined``,
``media`` and the parts ``p0``, ``p1`` and so on. That of a finished one is a string: "<digest of the payload>
<status> <media type>", a line feed, and the sealed reply.
"""

from genai.memory.erased import UNLESS_ERASED
from genai.memory.store import Script

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_IS_DONE = "if redis.call('TYPE', KEYS[1]).ok == 'string' then "

_STORED = """
local reply = redis.call('GET', KEYS[1])
local payload, status, media, body = string.match(reply, '^(%x+) (%d+) ([^\\n]*)\\n(.*)$')
"""

# KEYS: the record, the marks of a withdrawal and of an erasure. ARGV: digest of the payload, lease in ms,
# seconds to keep, attempt.
# The permit of a dead process stays until another one is noted, because a claim may be withdrawn.
CLAIM = Script(
    UNLESS_ERASED
    + _NOW
    + "if redis.call('EXISTS', KEYS[2]) == 1 then return {'withdrawn'} end\n"
    + _IS_DONE
    + _STORED
    + """
  if payload ~= ARGV[1] then return {'other'} end
  return {'done', tonumber(status), media, body}
end
local known = redis.call('HMGET', KEYS[1], 'payload', 'until', 'claim', 'permit', 'media')
if known[1] and known[1] ~= ARGV[1] then return {'other'} end
if known[2] and tonumber(known[2]) > now then
  redis.call('HSET', KEYS[1], 'joined', 1)
  return {'running', tonumber(known[3]), known[5] or ''}
end
local number, first = (known[3] or 0) + 1, known[1] and '' or ' first'
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'payload', ARGV[1], 'until', now + ARGV[2], 'by', ARGV[4] .. first,
  'claim', number)
if known[4] then redis.call('HSET', KEYS[1], 'permit', known[4]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {'claimed', number, known[4] or ''}
"""
)

# KEYS: the record, the mark. ARGV: attempt, lifetime of the mark in seconds.
WITHDRAW = Script(
    _IS_DONE
    + """
  return 0
end
local by = redis.call('HGET', KEYS[1], 'by')
if by == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'until', 'by')
elseif by == ARGV[1] .. ' first' then
  redis.call('HDEL', KEYS[1], 'until', 'by', 'payload')
else
  redis.call('SET', KEYS[2], 1, 'EX', ARGV[2])
end
return 1
""",
    repeatable=True,
)

# KEYS: the record. ARGV: number of the claim, then further arguments of the script.
_IF_MINE = (
    _IS_DONE
    + "return 0 end\nif redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then return 0 end\n"
)

# ARGV: lease in ms, then, for those who wait for a stream: media type, number of the part, the sealed part.
# Returns 0 if the claim is lost, 2 if somebody waits, otherwise 1.
RENEW = Script(
    _NOW
    + _IF_MINE
    + """
redis.call('HSET', KEYS[1], 'until', now + ARGV[2])
if ARGV[3] then redis.call('HSET', KEYS[1], 'media', ARGV[3], 'p' .. ARGV[4], ARGV[5]) end
return 1 + redis.call('HEXISTS', KEYS[1], 'joined')
""",
    repeatable=True,
)
NOTE = Script(
    _IF_MINE + "redis.call('HSET', KEYS[1], 'permit', ARGV[2]) return 1",
    repeatable=True,
)
FINISH = Script(
    _IF_MINE
    + """
local head = redis.call('HGET', KEYS[1], 'payload') .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. '\\n'
redis.call('SET', KEYS[1], head .. ARGV[4], 'PX', redis.call('PTTL', KEYS[1]))
return 1
""",
    repeatable=True,
)
# Keeps the number of the claim, so that it is not given out again.
ABANDON = Script(
    _IF_MINE
    + """
local left = redis.call('PTTL', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'claim', ARGV[1])
redis.call('PEXPIRE', KEYS[1], left)
return 1
""",
    repeatable=True,
)

# KEYS: the record. ARGV: number of the claim, number of the next part.
FOLLOW = Script(
    _NOW
    + _IS_DONE
    + _STORED
    + """
  return {'done', tonumber(status), media, body}
end
local known = redis.call('HMGET', KEYS[1], 'claim', 'until')
if known[1] ~= ARGV[1] or not known[2] or tonumber(known[2]) <= now then return {'broken'} end
local found, number = {'running'}, tonumber(ARGV[2])
while true do
  local part = redis.call('HGET', KEYS[1], 'p' .. number)
  if not part then return found end
  found[#found + 1], number = part, number + 1
end
""",
    reads=True,
)
