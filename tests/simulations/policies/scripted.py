"""A port to models that says what it is told, and seats on which nobody or somebody sits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from simulations.engine.decisions import CrewQuestion, Decision, DecisionRequest, ModelAnswer, ModelFailed, Question
from simulations.engine.policies.archetype import Asking
from simulations.engine.policies.calls import Calls
from simulations.engine.policies.falling_back import Fallback
from simulations.engine.policies.forms import ActionForm
from simulations.engine.policies.rules import RulePolicy
from simulations.engine.policies.store import MemoryStore
from simulations.engine.policies.wording import AnswerForm, Wording
from simulations.engine.spend import Spend
from tests.simulations.policies.situations import ACTIONS, line, rules

Say = Callable[[Question], object]
ALWAYS_STAY = RulePolicy("rule", rules(line("stay", {})), parameters={})


async def loop_rounds(many: int) -> None:
    """So often everything that can go on does: time has no part in it."""
    for _ in range(many):
        await asyncio.sleep(0)


class ScriptedModels:
    """Answers each question with what `say` returns; an exception that it returns is raised.

    Before it does, the event loop has gone round `rounds` times, and `goes_on` was set.
    """

    def __init__(self, say: Say, *, rounds: int = 1, price: str = "0.01") -> None:
        self.say = say
        self.rounds = rounds
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.price = Decimal(price)
        self.asked: list[Question] = []
        self.in_flight = self.most_in_flight = 0

    async def ask(self, question: Question) -> ModelAnswer:
        self.asked.append(question)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await loop_rounds(self.rounds)
            await self.goes_on.wait()
        finally:
            self.in_flight -= 1
        value = self.say(question)
        if isinstance(value, Exception):
            raise value
        return ModelAnswer(value, orjson.dumps(value).decode(), "scripted-1", 100, 20, self.price)


class ScriptedCrews:
    def __init__(self, value: object) -> None:
        self.value = value
        self.asked: list[CrewQuestion] = []

    async def deliberate(self, question: CrewQuestion) -> ModelAnswer:
        self.asked.append(question)
        return ModelAnswer(self.value, orjson.dumps(self.value).decode(), "crew", 300, 60, Decimal("0.05"))


class Seats:
    """`given` are the answers by key; `waited` is how long everyone has been waiting."""

    def __init__(self, given: Mapping[bytes, Decision] | None = None, *, waited: float = 0.0) -> None:
        self.given = dict(given or {})
        self.waited = waited

    async def answers(self, requests: Sequence[DecisionRequest]) -> Mapping[bytes, Decision]:
        return {request.key: self.given[request.key] for request in requests if request.key in self.given}

    def seconds_waited(self, key: bytes) -> float:
        return self.waited


def shares(**weights: float) -> dict[str, object]:
    return {"options": [{"action": action, "weight": weight} for action, weight in weights.items()]}


def failing(kind: Any) -> ModelFailed:
    return ModelFailed(kind, f"It is {kind}.")


def asking(models: ScriptedModels, *spends: Spend, **more: Any) -> Asking:
    calls = Calls(models, most=more.pop("most", 50), call_seconds=more.pop("call_seconds", 60.0))
    fallback = more.pop("fallback", Fallback(ALWAYS_STAY, more.pop("after_cap", "rules")))
    return Asking(calls, more.pop("store", None) or MemoryStore(), spends, fallback, **more)


def wordings(
    template: str = "You see {similar} and {other}; the limit is {threshold}.",
    *,
    form: AnswerForm = "shares",
    actions: Sequence[ActionForm] = ACTIONS,
    **parameters: float | str,
) -> dict[str, Wording]:
    told = parameters or {"threshold": 0.5}
    return {"resident": Wording(system="You decide.", template=template, actions=actions, form=form, parameters=told)}
