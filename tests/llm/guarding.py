"""A breaker, a limiter and a cache that do as they are told and remember what they were asked."""

from __future__ import annotations

from collections.abc import Iterable

from agents.llm.guards import CacheKey, Outcome, Permit, Scope
from agents.llm.types import CircuitOpen, RateLimited, Reply, Target


class Breaker:
    """Refuses the providers in `broken`, and counts how often."""

    def __init__(self, broken: Iterable[str] = (), *, retry_after: float = 7.0, mends_after: int = 1_000) -> None:
        self.broken = set(broken)
        self.retry_after = retry_after
        self.mends_after = mends_after
        self.refusals = 0
        self.recorded: list[tuple[str, Outcome, Scope, float | None]] = []

    async def allow(self, target: Target) -> Permit:
        if target.provider in self.broken and self.refusals < self.mends_after:
            self.refusals += 1
            raise CircuitOpen("It fails too often.", provider=target.provider, retry_after=self.retry_after)
        return Permit(target)

    async def record(
        self, permit: Permit, outcome: Outcome, *, scope: Scope = "endpoint", retry_after: float | None = None
    ) -> None:
        self.recorded.append((permit.target.provider, outcome, scope, retry_after))


class Limiter:
    """Has no room for the providers in `full`."""

    def __init__(self, full: Iterable[str] = ()) -> None:
        self.full = set(full)
        self.asked: list[tuple[Target, int]] = []

    def limits(self, target: Target) -> bool:
        return True

    async def acquire(self, target: Target, *, tokens: int, deadline: float) -> None:
        self.asked.append((target, tokens))
        if target.provider in self.full:
            raise RateLimited("There is no room.", provider=target.provider)


class Cache:
    def __init__(self) -> None:
        self.kept: dict[CacheKey, Reply] = {}

    async def get(self, key: CacheKey) -> Reply | None:
        return self.kept.get(key)

    async def put(self, key: CacheKey, reply: Reply) -> None:
        self.kept[key] = reply
