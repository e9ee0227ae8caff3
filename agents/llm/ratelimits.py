"""Our own limits for a credential, so that a provider need not refuse: requests and tokens a minute, across all workers."""

from __future__ import annotations

import asyncio
import hashlib
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from agents.llm.shared import Away, Script, SharedMemory
from agents.llm.types import RateLimited, Target

KEPT_SECONDS = 61  # a whole minute, however late in its second a call was made
MOST_WINDOWS = 4096
_SCRIPT = Script(Path(__file__).with_suffix(".lua").read_text())


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one credential may do in a minute; 0 means any number."""

    requests: int = 0
    tokens: int = 0

    def has_room(self, calls: int, used: int, wanted: int) -> bool:
        """Room for one more call of `wanted` tokens after `calls` that used `used`."""
        return (not self.requests or calls < self.requests) and (not self.tokens or used + wanted <= self.tokens)


@lru_cache(4096)
def account_of(target: Target) -> str:
    """Whose limits count for a call: one credential at one address, whatever the model. Never shared between workspaces."""
    text = "|".join((target.tenant, target.provider, target.base_url, target.credential))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass
class Window:
    """The last minute of one credential in process memory: calls and tokens by second."""

    spent: dict[int, tuple[int, int]] = field(default_factory=dict)

    def take(self, allowed: Allowance, tokens: int, now: int) -> int:
        """0 and the call is counted, or the milliseconds after which there is room. `now` in milliseconds."""
        second = now // 1000
        self.spent = {at: counts for at, counts in self.spent.items() if at > second - KEPT_SECONDS}
        calls = sum(counts[0] for counts in self.spent.values())
        used = sum(counts[1] for counts in self.spent.values())
        wait = 0
        for at in sorted(self.spent):
            if allowed.has_room(calls, used, tokens):
                break
            calls, used = calls - self.spent[at][0], used - self.spent[at][1]
            wait = (at + KEPT_SECONDS) * 1000 - now
        if not wait:
            before = self.spent.get(second, (0, 0))
            self.spent[second] = before[0] + 1, before[1] + tokens
        return wait


class LocalWindows:
    """The windows of one process, for the time that Redis is away. Used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def take(self, account: str, allowed: Allowance, tokens: int, now: int) -> int:
        with self._lock:
            window = self._windows.setdefault(account, Window())
            self._windows.move_to_end(account)
            if len(self._windows) > MOST_WINDOWS:
                self._windows.popitem(last=False)
            return window.take(allowed, tokens, now)


class RateLimiter:
    """Fulfils `agents.llm.guards.Limiter`. `allowances` by account (`account_of`); who is not named there has no limit.

    While Redis is away each process keeps the whole limit by itself: together they may then exceed it.
    """

    def __init__(
        self,
        memory: SharedMemory | None,
        allowances: Mapping[str, Allowance],
        *,
        local: LocalWindows | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._memory = memory
        self._allowances = allowances
        self._local = local or LocalWindows()
        self._clock = clock

    def limits(self, target: Target) -> bool:
        return bool(self._allowances) and account_of(target) in self._allowances

    async def acquire(self, target: Target, *, tokens: int, deadline: float) -> None:
        """Wait for room; see `agents.llm.guards.Limiter`. A call larger than the whole limit takes an empty minute."""
        account = account_of(target)
        allowed = self._allowances.get(account)
        if allowed is None:
            return
        wanted = min(max(tokens, 0), allowed.tokens) if allowed.tokens else 0
        while wait := await self._take(account, allowed, wanted):
            seconds = wait / 1000
            if time.monotonic() + seconds >= deadline:
                raise _no_room(target, allowed, seconds)
            await asyncio.sleep(seconds + random.uniform(0, 0.1))  # noqa: S311 - jitter, not a secret

    async def _take(self, account: str, allowed: Allowance, wanted: int) -> int:
        if self._memory is not None:
            arguments = [allowed.requests, allowed.tokens, wanted, self._clock() if self._clock else ""]
            try:
                return int(await _SCRIPT.run(self._memory, [f"llm:rate:{account}"], arguments))
            except Away:
                pass
        now = self._clock() if self._clock else int(time.monotonic() * 1000)
        return self._local.take(account, allowed, wanted, now)


def _no_room(target: Target, allowed: Allowance, seconds: float) -> RateLimited:
    named = {"request": allowed.requests, "token": allowed.tokens}
    limits = [f"{most} {what}{'s' * (most != 1)}" for what, most in named.items() if most]
    return RateLimited(
        f"The limit that is set for {target.provider} is used up ({' and '.join(limits)} a minute); there is room in {max(1, round(seconds))} s.",
        provider=target.provider,
        retry_after=seconds,
    )
