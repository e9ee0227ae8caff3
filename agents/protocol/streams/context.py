"""The shared context over Redis: a hash per namespace, a list per key for its past, and one stream of changes for watchers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, cast

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agents.protocol.context import (
    GLOBAL,
    MOST_HISTORY,
    MOST_KEYS,
    Change,
    Entry,
    SharedContext,
    check_write,
)
from agents.protocol.errors import BusUnavailable, TooMuch, VersionConflict
from agents.protocol.streams.wire import Keys

LIFETIME = 24 * 3_600 * 1_000
"""Milliseconds after the last write until Redis forgets a scope's context."""
MOST_CHANGES = 1_000
BLOCK_MS = 2_000

# KEYS: namespace, past of the key, revision, changes · ARGV: key, expected version or '', namespace, value or '' to delete, by, at.
# Answers {version, revision}, {-1, the version that it has} on a conflict, {-2, 0} when the namespace is full, {0, 0} for nothing to delete.
_WRITE = f"""
local found = redis.call('HGET', KEYS[1], ARGV[1])
local current = found and cjson.decode(redis.call('LINDEX', KEYS[2], 0) or '[0]')[1] or 0
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= current then return {{-1, current}} end
if ARGV[4] == '' and current == 0 then return {{0, 0}} end
if not found and redis.call('HLEN', KEYS[1]) >= {MOST_KEYS} then return {{-2, 0}} end
local revision = redis.call('INCR', KEYS[3])
local version = current + 1
local entry = ''
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('DEL', KEYS[2])
else
  local head = cjson.encode({{version, revision, ARGV[5], ARGV[6]}})
  entry = '[' .. string.sub(head, 2, -2) .. ',' .. ARGV[4] .. ']'
  redis.call('HSET', KEYS[1], ARGV[1], entry)
  redis.call('LPUSH', KEYS[2], entry)
  redis.call('LTRIM', KEYS[2], 0, {MOST_HISTORY - 1})
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', {MOST_CHANGES}, revision .. '-0', 'namespace', ARGV[3], 'key', ARGV[1], 'entry', entry)
for n = 1, 4 do redis.call('PEXPIRE', KEYS[n], {LIFETIME}) end
return {{version, revision}}
"""


class StreamsContext(SharedContext):
    """`redis` comes from `connect`."""

    def __init__(self, redis: Redis, scope: str) -> None:
        self._redis, self._keys = redis, Keys(scope)
        self._write = redis.register_script(_WRITE)

    async def get(self, key: str, *, namespace: str = GLOBAL) -> Entry | None:
        found = await self._asked(self._redis.hget(self._space(namespace), key))
        return _entry(key, found) if found else None

    async def put(
        self, key: str, value: Any, *, by: str, namespace: str = GLOBAL, expected: int | None = None
    ) -> Entry:
        encoded, at = check_write(key, value, by=by, namespace=namespace), time.time()
        version, revision = await self._written(key, encoded, by, namespace, expected, at)
        return Entry(key, orjson.loads(encoded), version, revision, by, at)

    async def delete(self, key: str, *, by: str, namespace: str = GLOBAL, expected: int | None = None) -> bool:
        check_write(key, None, by=by, namespace=namespace)
        version, _ = await self._written(key, b"", by, namespace, expected, time.time())
        return version > 0

    async def list(self, prefix: str = "", *, namespace: str = GLOBAL) -> Sequence[Entry]:
        found = await self._asked(self._redis.hgetall(self._space(namespace)))
        entries = (_entry(key.decode(), data) for key, data in found.items())
        return sorted((entry for entry in entries if entry.key.startswith(prefix)), key=lambda entry: entry.key)

    async def history(self, key: str, *, namespace: str = GLOBAL) -> Sequence[Entry]:
        found = await self._asked(self._redis.lrange(self._past(namespace, key), 0, -1))
        return [_entry(key, data) for data in found]

    async def watch(self, prefix: str = "", *, namespace: str | None = None) -> AsyncIterator[Change]:
        """One connection to Redis for as long as it goes on."""
        seen = int(await self._asked(self._redis.get(self._keys.of("context", "revision"))) or 0)
        changes: dict[Any, Any] = {self._changes: f"{seen}-0"}
        while True:
            found = await self._asked(self._redis.xread(changes, block=BLOCK_MS, count=100))
            for ident, fields in found[0][1] if found else ():
                revision = int(ident.split(b"-")[0])
                missed, seen, changes[self._changes] = revision > seen + 1, revision, ident
                change = _change(fields)
                if missed:
                    yield Change("missed", change.namespace)
                if namespace in {None, change.namespace} and change.key.startswith(prefix):
                    yield change

    @property
    def _changes(self) -> str:
        return self._keys.of("context", "changes")

    def _space(self, namespace: str) -> str:
        return self._keys.of("context", "of", namespace)

    def _past(self, namespace: str, key: str) -> str:
        return self._keys.of("context", "past", namespace, key)

    async def _written(
        self, key: str, encoded: bytes, by: str, namespace: str, expected: int | None, at: float
    ) -> tuple[int, int]:
        keys = [self._space(namespace), self._past(namespace, key), self._keys.of("context", "revision"), self._changes]
        args = [key, "" if expected is None else expected, namespace, encoded, by, repr(at)]
        version, second = await self._asked(cast("Awaitable[Any]", self._write(keys=keys, args=args)))
        if version == -1:
            raise VersionConflict(key, second)
        if version == -2:
            raise TooMuch(f"A namespace holds at most {MOST_KEYS:,} keys.")
        return version, second

    async def _asked(self, asking: Any) -> Any:
        try:
            return await asking
        except (RedisError, OSError) as error:
            raise BusUnavailable("The shared context is away; try again in some seconds.") from error


def _entry(key: str, data: bytes) -> Entry:
    version, revision, by, at, value = orjson.loads(data)
    return Entry(key, value, version, revision, by, float(at))


def _change(fields: dict[bytes, bytes]) -> Change:
    namespace, key = fields[b"namespace"].decode(), fields[b"key"].decode()
    if not fields[b"entry"]:
        return Change("deleted", namespace, key)
    return Change("put", namespace, key, _entry(key, fields[b"entry"]))
