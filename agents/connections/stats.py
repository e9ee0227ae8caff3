"""How each provider of a workspace did in the last 24 hours: hourly sums in Redis, written a second late."""

from __future__ import annotations

import asyncio
import hashlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from redis.asyncio import Redis

from agents.llm.guards import Observation
from agents.llm.shared import Away, SharedMemory
from agents.llm.types import Target

HOURS = 24
KEPT_SECONDS = (HOURS + 1) * 3600
LATE = 1.0
STEP = 1.2  # latencies are counted in classes, each this much wider than the one before
MICRO = Decimal(1_000_000)
Sums = Counter[str]


@dataclass(frozen=True, slots=True)
class Doing:
    """The last 24 hours of one provider; times in seconds (to 10 %), `spend` in US dollars."""

    calls: int = 0
    failed: int = 0
    p50: float = 0.0
    p95: float = 0.0
    tokens: int = 0
    spend: Decimal = Decimal(0)
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered_nothing(self) -> bool:
        """Whether it was asked, and failed each time."""
        return 0 < self.calls == self.failed


@lru_cache(4096)
def account_of(target: Target) -> str:
    """One provider of a workspace, whatever the model: its address and credential, unreadable."""
    text = "|".join((target.provider, target.base_url, target.credential))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Stats:
    """Counts observations. `note` is called on an event loop and does not block; what a process dies with is lost."""

    def __init__(self, memory: SharedMemory, *, clock: Callable[[], float] = time.time) -> None:
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._due = 0.0
        self._waiting: dict[str, Sums] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, seen: Observation) -> None:
        if not seen.tenant or seen.cached:
            return
        now = time.monotonic()
        with self._lock:
            is_first = now >= self._due
            self._due = now + LATE if is_first else self._due
            key = _key(seen.tenant, account_of(seen.target), self._hour())
            self._waiting.setdefault(key, Counter()).update(_sums(seen))
        if is_first:
            task = asyncio.get_running_loop().create_task(self._write_later())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def flush(self) -> None:
        """Write what was counted so far."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}

        async def call(client: Redis) -> None:
            async with client.pipeline(transaction=False) as pipe:
                for key, sums in waiting.items():
                    for name, amount in sums.items():
                        pipe.hincrby(key, name, amount)
                    pipe.expire(key, KEPT_SECONDS)
                await pipe.execute()

        try:
            await self._memory.ask(call)
        except Away:
            return

    async def close(self) -> None:
        """Write what is left and begin no more."""
        for task in self._tasks:
            task.cancel()
        await self.flush()

    async def read(self, schema: str, target: Target) -> Doing:
        """The last 24 hours; nothing where Redis is away."""
        account, hour = account_of(target), self._hour()
        keys = [_key(schema, account, hour - back) for back in range(HOURS)]

        async def call(client: Redis) -> list[Mapping[bytes, bytes]]:
            async with client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hgetall(key)
                found: list[Mapping[bytes, bytes]] = await pipe.execute()
                return found

        try:
            return _doing(await self._memory.ask(call))
        except Away:
            return Doing()

    async def _write_later(self) -> None:
        await asyncio.sleep(LATE)
        await self.flush()

    def _hour(self) -> int:
        return int(self._clock() // 3600)


def _key(schema: str, account: str, hour: int) -> str:
    return f"llm:stats:{schema}:{account}:{hour}"


def _sums(seen: Observation) -> Sums:
    sums: Sums = Counter(calls=1, tokens=seen.usage.total_tokens, micro=int(seen.cost * MICRO))
    if seen.outcome == "ok":
        sums[f"time:{_class_of(seen.seconds)}"] = 1
    elif seen.outcome != "cancelled":
        sums[f"error:{seen.outcome}"] = 1
    return sums


def _class_of(seconds: float) -> int:
    return round(math.log(max(seconds, 0.001), STEP))


def _doing(hours: Iterable[Mapping[bytes, bytes]]) -> Doing:
    sums: Sums = Counter()
    for hour in hours:
        sums.update({name.decode(): int(amount) for name, amount in hour.items()})
    times = {int(name[5:]): number for name, number in sums.items() if name.startswith("time:")}
    errors = {name[6:]: number for name, number in sums.items() if name.startswith("error:")}
    return Doing(
        calls=sums["calls"],
        failed=sum(errors.values()),
        p50=_percentile(times, 0.50),
        p95=_percentile(times, 0.95),
        tokens=sums["tokens"],
        spend=sums["micro"] / MICRO,
        errors=errors,
    )


def _percentile(times: Mapping[int, int], share: float) -> float:
    left = share * sum(times.values())
    for place in sorted(times):
        left -= times[place]
        if left <= 0:
            return float(round(STEP**place, 3))
    return 0.0
