"""The registry over Redis. Expiry is by Redis's own clock; choosing the least busy agent and raising its load is one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agents.protocol.bus import Bus
from agents.protocol.errors import BusUnavailable
from agents.protocol.registry import TTL_SECONDS, Card, Health, Registry, check_card
from agents.protocol.streams.wire import Keys

LIFETIME = 7 * 24 * 3_600 * 1_000

# Each script begins by forgetting who is silent, and answers with their names first: whoever finds them tells it.
_SWEEP = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)
for _, name in ipairs(gone) do
  redis.call('ZREM', KEYS[2], name)
  redis.call('HDEL', KEYS[1], name)
end
"""

# KEYS: cards, when each expires · ARGV: name, card, ttl in ms, lifetime. Answers with the health before.
_ANNOUNCE = f"""{_SWEEP}
local before = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return {{gone, before and cjson.decode(before).health or ''}}
"""

# ARGV: name, health or nothing, detail. Answers with the health before, or false for somebody unknown.
_HEARTBEAT = f"""{_SWEEP}
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then return {{gone, false}} end
local card = cjson.decode(found)
local before = card.health
if ARGV[2] ~= '' then card.health, card.detail = ARGV[2], ARGV[3] end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(card))
redis.call('ZADD', KEYS[2], now + card.ttl, ARGV[1])
return {{gone, before}}
"""

_WITHDRAW = f"""{_SWEEP}
redis.call('ZREM', KEYS[2], ARGV[1])
return {{gone, redis.call('HDEL', KEYS[1], ARGV[1])}}
"""

_AGENTS = f"""{_SWEEP}
return {{gone, redis.call('HVALS', KEYS[1])}}
"""

# ARGV: name, change
_LOAD = f"""{_SWEEP}
local found = redis.call('HGET', KEYS[1], ARGV[1])
if found then
  local card = cjson.decode(found)
  card.load = math.max(card.load + tonumber(ARGV[2]), 0)
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(card))
end
return {{gone, found}}
"""

# ARGV: capabilities that are needed. The order is that of `least_busy`.
_BORROW = f"""{_SWEEP}
local function can(card)
  local has = {{}}
  for _, each in ipairs(card.capabilities) do has[each] = true end
  for _, needed in ipairs(ARGV) do if not has[needed] then return false end end
  return true
end
local function better(a, b)
  if not b then return true end
  if (a.health == 'healthy') ~= (b.health == 'healthy') then return a.health == 'healthy' end
  if a.load / a.capacity ~= b.load / b.capacity then return a.load / a.capacity < b.load / b.capacity end
  return a.name < b.name
end
local best
for _, found in ipairs(redis.call('HVALS', KEYS[1])) do
  local card = cjson.decode(found)
  local willing = card.health == 'healthy' or card.health == 'degraded'
  if willing and card.load < card.capacity and can(card) and better(card, best) then best = card end
end
if not best then return {{gone, false}} end
best.load = best.load + 1
local text = cjson.encode(best)
redis.call('HSET', KEYS[1], best.name, text)
return {{gone, text}}
"""


class StreamsRegistry(Registry):
    """`redis` comes from `connect`."""

    def __init__(self, redis: Redis, scope: str, bus: Bus | None = None) -> None:
        super().__init__(bus)
        keys = Keys(scope)
        self._redis, self._keys = redis, [keys.of("agents"), keys.of("agents", "until")]

    async def announce(self, card: Card, *, ttl: float = TTL_SECONDS) -> None:
        card = check_card(card)
        before = await self._ask(_ANNOUNCE, card.name, _to_json(card, ttl), int(ttl * 1_000), LIFETIME)
        if before.decode() != card.health:
            await self.tell(card.name, card.health, card.detail)

    async def heartbeat(self, name: str, *, health: Health | None = None, detail: str = "") -> bool:
        before = await self._ask(_HEARTBEAT, name, health or "", detail[:200])
        if before is None:
            return False
        if health is not None and before.decode() != health:
            await self.tell(name, health, detail)
        return True

    async def withdraw(self, name: str) -> None:
        if await self._ask(_WITHDRAW, name):
            await self.tell(name, "gone", "It left.")

    async def agents(self) -> list[Card]:
        found = await self._ask(_AGENTS)
        return sorted((_from_json(card) for card in found), key=lambda card: card.name)

    async def borrow(self, *capabilities: str) -> Card | None:
        found = await self._ask(_BORROW, *capabilities)
        return _from_json(found) if found else None

    async def give_back(self, name: str) -> None:
        await self._ask(_LOAD, name, -1)

    async def _ask(self, script: str, *args: str | bytes | int) -> Any:
        try:
            gone, answer = await self._redis.register_script(script)(keys=self._keys, args=list(args))
        except (RedisError, OSError) as error:
            raise BusUnavailable("The registry is away; try again in some seconds.") from error
        await self._tell_gone(gone)
        return answer

    async def _tell_gone(self, names: Sequence[bytes]) -> None:
        for name in names:
            await self.tell(name.decode(), "gone", "It stopped saying that it is there.")


def _to_json(card: Card, ttl: float) -> bytes:
    return orjson.dumps({
        "name": card.name, "capabilities": card.capabilities, "load": card.load, "capacity": card.capacity,
        "health": card.health, "detail": card.detail, "ttl": int(ttl * 1_000),
    })  # fmt: skip


def _from_json(data: bytes) -> Card:
    found = orjson.loads(data)
    capabilities = found["capabilities"] or ()  # an empty list of Lua is an empty object
    return Card(
        found["name"], tuple(capabilities), int(found["load"]), int(found["capacity"]), found["health"], found["detail"]
    )
