"""What a gateway is given besides its routes: who may call, how fast, what is known already, and who watches.

The gateway decides when to ask these; how they remember (process, Redis, PostgreSQL) is theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from agents.llm.types import Cached, Reply, Target, Usage

Outcome = Literal["ok", "fail", "ignore"]
Scope = Literal["endpoint", "credential"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one attempt. `probe` is the token of a half-open circuit's only probe, `trial` of one of the few calls that try a
    target which has not answered of late; else they are empty."""

    target: Target
    probe: str = ""
    trial: str = ""


class Breaker(Protocol):
    """Knows which targets fail, across all workers. Neither method raises anything but what it says."""

    async def allow(self, target: Target) -> Permit:
        """Leave to call; where nobody knows whether the target is well, after others have found out. Raises CircuitOpen with `retry_after` in seconds."""
        ...

    async def record(
        self, permit: Permit, outcome: Outcome, *, scope: Scope = "endpoint", retry_after: float | None = None
    ) -> None:
        """How the attempt went; each permit is recorded once, also when its call was cancelled.

        `ok`: a valid answer, to its finish. `fail`: `scope` "credential" for 401, 402, 403 and 429, else "endpoint".
        `ignore`: says nothing of the target (400, unknown model, context, policy, cancelled by the caller).
        `retry_after`: seconds for which a 429 asked to be left alone.
        """
        ...


class Limiter(Protocol):
    """Our own limits per credential: requests and tokens a minute, calls at once."""

    def limits(self, target: Target) -> bool:
        """Whether there is any for this target; else nobody needs to count what a call takes."""
        ...

    async def acquire(self, target: Target, *, tokens: int, deadline: float) -> None:
        """Wait for room for a call of about `tokens`. Raises RateLimited where there is none before `deadline` (time.monotonic)."""
        ...


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Which answers are the same. Never crosses `tenant`; forgotten by tenant, model or prompt version.

    `digest` is a SHA-256 over everything that decides the answer, tenant, provider and address included.
    """

    tenant: str
    model: str
    prompt_version: str
    digest: str


class Cache(Protocol):
    """Answers given before. Neither method raises: a cache that is away knows nothing."""

    async def get(self, key: CacheKey) -> Reply | None:
        """The answer, with `cached` naming the layer that had it."""
        ...

    async def put(self, key: CacheKey, reply: Reply) -> None:
        """Keep an answer, as it came from its provider."""
        ...


@dataclass(frozen=True, slots=True)
class Observation:
    """One attempt at a target, or one answer that needed none (`cached` names its layer). Times in seconds.

    `outcome` is "ok", "cancelled" (the caller left, or a hedge lost) or the code of the error, whose sentence is `detail`.
    `attempt` counts from 1 within the call; `first_byte_seconds` is 0 where nothing came. `tenant` is whose call it was.
    """

    target: Target
    tenant: str
    outcome: str
    seconds: float
    detail: str = ""
    first_byte_seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    attempt: int = 1
    hedge: bool = False
    cached: Cached = ""


Observe = Callable[[Observation], None]

Room = Callable[[Usage, Decimal], Awaitable[bool]]
"""Whether there is money for another attempt, beside what those before took: their usage and cost, with what the next one's prompt grew by."""

OnLeft = Callable[[Usage, Decimal], None]
"""Told what a call probably took that was broken off by whoever asked: there is no answer and no error to say it."""
