"""One way to a model: a chain of routes, and the only place where a call is tried again."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.llm.attempts import House
from agents.llm.calls import Call
from agents.llm.embedding import embeddings
from agents.llm.guards import Breaker, Cache, Limiter, Observe, OnLeft, Room
from agents.llm.hedging import Hedging
from agents.llm.listening import Listener, OnRestart
from agents.llm.loop import on_gateway_loop
from agents.llm.retries import Patience, RetryBudget
from agents.llm.routes import Route, in_order
from agents.llm.types import Embeddings, OnText, Reply, Request

__all__ = ["Description", "Gateway", "Hedging", "Patience", "Route"]

_budget = RetryBudget()


@dataclass(frozen=True, slots=True)
class Description:
    """Who answers. `is_offline` is true for the stand-in that is no language model; `reason` says why this one."""

    provider: str
    model: str
    is_offline: bool
    reason: str = ""


class Gateway:
    """Asks the first of `routes`, and the next ones when it fails.

    A retryable error is tried again on the same route (full jitter, within the retry budget, never past the deadline), then
    the chain goes on; any other error goes on at once. With every route failed, the first error is raised.

    Text that was passed to `on_text` cannot be taken back. If the caller gives `on_restart`, it is called before the next
    attempt and everything heard so far is void; if not, an attempt that breaks off after its first text is the last one.

    With a `cache`, calls that may be remembered are looked up there, and identical ones under way share one answer; keys
    never cross `tenant`. `observe` is told of every attempt, on the event loop: it must not block.
    """

    def __init__(  # noqa: PLR0913 - neighbours, each by its name
        self,
        routes: Sequence[Route],
        *,
        breaker: Breaker | None = None,
        limiter: Limiter | None = None,
        cache: Cache | None = None,
        patience: Patience | None = None,
        hedging: Hedging | None = None,
        observe: Observe | None = None,
        tenant: str = "",
        description: Description | None = None,
        budget: RetryBudget | None = None,
    ) -> None:
        if not routes:
            raise ValueError("A gateway needs at least one route.")
        self.routes = tuple(routes)
        self._house = House(
            patience=patience or Patience(),
            budget=budget or _budget,
            breaker=breaker,
            limiter=limiter,
            cache=cache,
            hedging=hedging,
            observe=observe,
            tenant=tenant,
        )
        self._description = description or _led_by(routes[0])

    def describe(self) -> Description:
        return self._description

    def only(self, allowed: Callable[[str], bool]) -> Gateway | None:
        """The same way to models, over the providers that `allowed` lets through by name; None where that leaves nobody."""
        routes = tuple(route for route in self.routes if allowed(route.provider.name))
        if not routes or routes == self.routes:
            return self if routes else None
        narrower = copy.copy(self)
        narrower.routes = routes
        narrower._description = _led_by(routes[0])  # noqa: SLF001 - its own copy
        return narrower

    def patient(self, patience: Patience) -> Gateway:
        """The same way to models with another patience, for a caller that tries again by itself."""
        other = copy.copy(self)
        other._house = replace(self._house, patience=patience)  # noqa: SLF001 - its own copy
        return other

    async def complete(
        self,
        request: Request,
        *,
        deadline: float,
        on_text: OnText | None = None,
        on_restart: OnRestart | None = None,
        room: Room | None = None,
        on_left: OnLeft | None = None,
    ) -> Reply:
        """A reply before `deadline` (time.monotonic seconds), with its cost. Raises an LLMError when nobody gave one.

        `room` bounds what is spent: it is asked before another attempt where those before had to be paid for. `on_left` is told
        what the call took by then where it is cancelled.
        """
        call = Call(self._house, self.routes, request, deadline, Listener(on_text, on_restart), room)
        try:
            return await call.reply()
        except asyncio.CancelledError:
            if on_left is not None:
                on_left(*call.spent())
            raise

    def complete_sync(
        self,
        request: Request,
        *,
        deadline: float,
        on_text: OnText | None = None,
        on_restart: OnRestart | None = None,
    ) -> Reply:
        """The same for a thread, on the process's gateway loop. `on_text` and `on_restart` are called in the calling thread."""
        return on_gateway_loop(
            lambda hear, restart: self.complete(request, deadline=deadline, on_text=hear, on_restart=restart),
            on_text=on_text,
            on_restart=on_restart,
        )

    async def embed(
        self, texts: Sequence[str], *, deadline: float, model: str = "", remember: bool = False
    ) -> Embeddings:
        """One vector per text, from the first route or the one that `model` names, and from no other: vectors of two models
        cannot be compared. Breaker, rate limit, retries and observation are those of every call; with `remember` the cache, too."""
        route = in_order(self.routes, model)[0]
        return await embeddings(self._house, route, texts, model=model, deadline=deadline, remember=remember)


def _led_by(first: Route) -> Description:
    return Description(first.provider.name, first.model, is_offline=first.provider.name == "offline")
