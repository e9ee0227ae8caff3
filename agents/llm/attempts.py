"""Asking one back end: leave from the breaker, room within our limits, the call, what is learned from it, and once more."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from agents.llm import tokens
from agents.llm.capabilities import capability_of
from agents.llm.guards import Breaker, Cache, Limiter, Observation, Observe, Outcome, Room, Scope
from agents.llm.hedging import Hedging
from agents.llm.listening import Listener
from agents.llm.retries import Patience, RetryBudget
from agents.llm.routes import Route
from agents.llm.types import (
    Answering,
    Attempt,
    BadReply,
    CircuitOpen,
    CredentialRefused,
    LLMError,
    Message,
    ProviderUnreachable,
    RateLimited,
    Reply,
    Request,
    RequestRefused,
    Usage,
)

REPAIR = "That answer cannot be used. {detail} {wish}"
JSON_ALONE = "Answer again, with nothing but JSON that follows the schema."


@dataclass(frozen=True, slots=True)
class House:
    """What every attempt of a gateway is made with."""

    patience: Patience
    budget: RetryBudget
    breaker: Breaker | None = None
    limiter: Limiter | None = None
    cache: Cache | None = None
    hedging: Hedging | None = None
    observe: Observe | None = None
    tenant: str = ""


@dataclass(slots=True)
class Trail:
    """The attempts of one call, in the order in which they ended. `room` is asked before another one that has to be paid for besides them."""

    attempts: list[Attempt] = field(default_factory=list)
    room: Room | None = None
    _longer: Usage = field(default_factory=Usage)
    _dearer: Decimal = Decimal(0)
    _ended: bool = False

    def usage(self) -> Usage:
        return sum((attempt.usage for attempt in self.attempts), Usage())

    def cost(self) -> Decimal:
        return sum((attempt.cost for attempt in self.attempts), Decimal(0))

    def lengthen(self, usage: Usage, cost: Decimal) -> None:
        """The next attempts are asked more than the first one was."""
        self._longer, self._dearer = self._longer + usage, self._dearer + cost

    async def may_go_on(self) -> bool:
        """Once there was no room, there is none for this call."""
        usage, cost = self.usage() + self._longer, self.cost() + self._dearer
        if self.room is not None and not self._ended and (usage.total_tokens or cost):
            self._ended = not await self.room(usage, cost)
        return not self._ended


@dataclass
class Asking:
    """One call at one route. `last` says that no route is left behind this one; `hedge` that another is asked at the same time.

    `answering` is what is asked of the provider where that is not `complete`.
    """

    house: House
    route: Route
    model: str
    request: Request
    deadline: float
    listener: Listener
    trail: Trail
    last: bool = True
    hedge: bool = False
    answering: Answering | None = None

    async def reply(self) -> Reply:
        """The answer, after as many attempts as patience allows. Raises the last LLMError."""
        self._check_sight()
        self.house.budget.called(self._endpoint())
        for attempt in count():
            try:
                return await _Try(self).reply()
            except LLMError as failure:
                pause = self._pause(failure, attempt)
                if pause is None:
                    raise
                self._repair(failure)
                if not await self.trail.may_go_on():
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def _check_sight(self) -> None:
        """A model that is known to see nothing would answer all the same, of a picture that it never got."""
        if not any(message.images for message in self.request.messages):
            return
        if self.route.provider.name == "offline" or capability_of(self.model).vision is False:
            provider = self.route.provider.name
            raise RequestRefused(f"{self.model or provider} cannot look at pictures.", provider=provider)

    def _pause(self, failure: LLMError, attempt: int) -> float | None:
        """How long to wait for the next attempt; None where there is to be none."""
        nobody_was_asked = isinstance(failure, CircuitOpen) or (isinstance(failure, RateLimited) and failure.ours)
        if nobody_was_asked or not self.listener.may_be_told_anew():
            return None
        pause = self.house.patience.pause(failure, attempt)
        if pause is None or pause >= self.deadline - time.monotonic():
            return None
        return pause if self.house.budget.may_retry(self._endpoint()) else None

    def _repair(self, failure: LLMError) -> None:
        """Show a model what is wrong with its answer: the same question at temperature 0 would get the same answer."""
        if isinstance(failure, BadReply) and failure.said:
            wrong = Message("assistant", failure.said)
            told = Message("user", REPAIR.format(detail=failure.detail, wish=failure.wish or JSON_ALONE))
            self.request = replace(self.request, messages=[*self.request.messages, wrong, told])
            longer = Usage(prompt_tokens=tokens.count_request(Request([wrong, told])))
            self.trail.lengthen(longer, self.route.cost(self.model, longer))

    def _endpoint(self) -> tuple[str, str, str]:
        """What shares a retry budget: one credential at one address, so that no workspace uses up another's."""
        target = self.route.target
        return target.provider, target.base_url, target.credential


class _Try:
    """One attempt."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._house = asking.house
        self._target = asking.route.target_for(asking.model)
        self._began = time.monotonic()
        self._heard: list[str] = []
        self._is_asked = False

    async def reply(self) -> Reply:
        permit = await self._house.breaker.allow(self._target) if self._house.breaker else None
        self._began = time.monotonic()
        outcome: tuple[Outcome, Scope, float | None] = ("ignore", "endpoint", None)
        try:
            reply = await self._call()
            outcome = ("ok", "endpoint", None)
        except LLMError as failure:
            outcome = _verdict(failure)
            self._note(failure.code, failure.usage, detail=failure.detail)
            raise
        except asyncio.CancelledError:
            self._note("cancelled", self._estimate())
            raise
        finally:
            if permit is not None and self._house.breaker is not None:
                said, scope, retry_after = outcome
                await self._house.breaker.record(permit, said, scope=scope, retry_after=retry_after)
        self._note("ok", reply.usage, first_byte_seconds=reply.first_byte_seconds)
        return reply

    async def _call(self) -> Reply:
        asking = self._asking
        asked = replace(asking.request, model=asking.model)
        await self._wait_for_room(asked)
        asking.listener.begin()
        self._is_asked = True
        ask = asking.answering or asking.route.provider.complete
        return await ask(asked, deadline=asking.deadline, on_text=self._hear)

    async def _wait_for_room(self, asked: Request) -> None:
        if self._house.limiter is None or not self._house.limiter.limits(self._target):
            return
        room = asked.max_tokens or tokens.USUAL_COMPLETION
        wanted = self._asking.route.provider.count_tokens(asked) + room
        deadline = self._asking.deadline
        if not self._asking.last:
            deadline = min(deadline, time.monotonic() + self._house.patience.queue)
        try:
            await self._house.limiter.acquire(self._target, tokens=wanted, deadline=deadline)
        except RateLimited as full:
            full.ours = True
            raise

    def _hear(self, text: str) -> None:
        self._heard.append(text)
        self._asking.listener.hear(text)

    def _estimate(self) -> Usage:
        """What is probably charged for an answer that we did not wait for; nothing where we were still waiting for our turn."""
        if not self._is_asked:
            return Usage()
        prompt = self._asking.route.provider.count_tokens(self._asking.request)
        return Usage(prompt, tokens.count("".join(self._heard)))

    def _note(self, outcome: str, usage: Usage, *, detail: str = "", first_byte_seconds: float = 0.0) -> None:
        provider, model = self._target.provider, self._target.model
        cost = self._asking.route.cost(model, usage)
        seconds = time.monotonic() - self._began
        self._asking.trail.attempts.append(Attempt(provider, model, outcome, seconds, usage, cost, detail))
        if self._house.observe is not None:
            self._house.observe(
                Observation(
                    target=self._target,
                    tenant=self._house.tenant,
                    outcome=outcome,
                    seconds=seconds,
                    detail=detail,
                    first_byte_seconds=first_byte_seconds,
                    usage=usage,
                    cost=cost,
                    attempt=len(self._asking.trail.attempts),
                    hedge=self._asking.hedge,
                )
            )


def _verdict(failure: LLMError) -> tuple[Outcome, Scope, float | None]:
    """What a failed attempt says about the back end: nothing, that it fails, or that it fails for this credential."""
    match failure:
        case RequestRefused() | RateLimited(ours=True) | ProviderUnreachable(hurried=True):
            return "ignore", "endpoint", None
        case RateLimited() | CredentialRefused():
            return "fail", "credential", failure.retry_after
        case BadReply() if failure.said:
            return "ok", "endpoint", None
        case _:
            return "fail", "endpoint", None
