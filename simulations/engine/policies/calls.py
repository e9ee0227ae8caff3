"""A call of a model: within the budget, at a bearable pace, in time, and not to who is dead."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulations.engine.decisions import ZERO, Acquainted, AfterCap, ModelAnswer, ModelFailed, ModelPort, Question
from simulations.engine.policies.breaker import Breaker
from simulations.engine.policies.pace import MOST_IN_FLIGHT, Pace
from simulations.engine.spend import Bill, Spend

CALL_SECONDS = 60.0
_CHARACTERS_PER_TOKEN = 6
_NOBODY_THERE = frozenset({"timeout", "rate_limited", "unavailable", "refused"})


@dataclass(slots=True)
class Account:
    """What one decision has taken so far; `made` is never less than what was paid."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = ZERO
    seconds: float = 0.0

    def enter(self, paid: ModelAnswer | ModelFailed, seconds: float) -> None:
        self.calls += 1
        self.prompt_tokens += paid.prompt_tokens
        self.completion_tokens += paid.completion_tokens
        self.cost += paid.cost
        self.seconds += seconds

    @property
    def lines(self) -> dict[str, Any]:
        """As a Decision has them."""
        return {name: getattr(self, name) for name in self.__slots__}


class CapReached(ModelFailed):
    """Nobody was asked: that does not fit into a budget any more. `then` is what its owner wants to happen."""

    def __init__(self, then: AfterCap) -> None:
        super().__init__("over_budget", "What this play may spend on language models is spent.")
        self.then = then


class Calls:
    """The calls of one play to one port, whichever of its policies makes them. `tally` counts how they ended."""

    def __init__(
        self,
        port: ModelPort,
        *,
        most: int = MOST_IN_FLIGHT,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self.port = port
        self.pace = Pace(most, proven=isinstance(port, Acquainted) and port.answered_lately)
        self.breaker = Breaker()
        self.call_seconds = call_seconds
        self.tally: Counter[str] = Counter()

    async def ask(self, question: Question, *, account: Account, spends: Sequence[Spend]) -> ModelAnswer:
        """One call, entered in the account and in every one of `spends`. Raises ModelFailed, or ModelsDead unasked."""
        async with self.pace:
            self.breaker.check()
            reserved = _reserved(question, spends)
            began = time.monotonic()
            try:
                answer = await self._answer(question)
            except ModelFailed as failure:
                self._note_failure(failure)
                account.enter(failure, time.monotonic() - began)
                _settle(reserved, failure)
                raise
            except BaseException:  # raised again: what a cancelled call had set aside is free
                _settle(reserved, None)
                raise
            self._note_answer("answered")
            account.enter(answer, time.monotonic() - began)
            _settle(reserved, answer)
            return answer

    async def _answer(self, question: Question) -> ModelAnswer:
        try:
            async with asyncio.timeout(self.call_seconds):
                return await self.port.ask(question)
        except TimeoutError:
            raise ModelFailed("timeout", f"No answer came within {self.call_seconds:g} s.") from None

    def _note_answer(self, outcome: str) -> None:
        self.tally[outcome] += 1
        self.pace.answered()
        self.breaker.answered()

    def _note_failure(self, failure: ModelFailed) -> None:
        if failure.kind == "malformed":
            self._note_answer("malformed")
            return
        self.tally[failure.kind] += 1
        if failure.kind == "rate_limited":
            self.pace.refused()
        elif failure.kind == "timeout":
            self.pace.timed_out()
        if failure.kind in _NOBODY_THERE:
            self.pace.failed()
            self.breaker.failed(failure.detail)


Reserved = list[tuple[Spend, Bill]]


def _reserved(question: Question, spends: Sequence[Spend]) -> Reserved:
    tokens = (len(question.system) + len(question.prompt)) // _CHARACTERS_PER_TOKEN
    reserved: Reserved = []
    for spend in spends:
        bill = spend.reserve(tokens)
        if bill is None:
            _give_back(reserved)
            raise CapReached(spend.after_cap)
        reserved.append((spend, bill))
    return reserved


def _give_back(reserved: Reserved) -> None:
    for spend, bill in reserved:
        spend.settle(bill, Bill())


def _settle(reserved: Reserved, paid: ModelAnswer | ModelFailed | None) -> None:
    """A call that broke off without a bill counts as what was reserved for it."""
    for spend, bill in reserved:
        is_unknown = paid is None or (isinstance(paid, ModelFailed) and paid.kind == "timeout")
        spend.settle(bill, bill if is_unknown or paid is None else _bill(paid))


def _bill(paid: ModelAnswer | ModelFailed) -> Bill:
    return Bill(1, paid.prompt_tokens + paid.completion_tokens, paid.cost)
