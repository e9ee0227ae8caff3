"""Questions to models: what is known is not asked, what was paid is kept first, what fails is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from simulations.engine.decisions import (
    ZERO,
    AfterCap,
    Decision,
    DecisionStore,
    Exchange,
    ModelAnswer,
    ModelFailed,
    Option,
    Question,
    Source,
)
from simulations.engine.policies.answers import AnswerRefused
from simulations.engine.policies.breaker import ModelsDead
from simulations.engine.policies.calls import Account, Calls, CapReached
from simulations.engine.policies.store import Keeper
from simulations.engine.policies.wording import together_schema
from simulations.engine.spend import Spend

Read = Callable[[object], tuple[tuple[Option, ...], str]]
_REPAIR = """{prompt}

You answered:
{said}

That cannot be used: {fault}
Answer again, in the form that was asked for."""
_TOGETHER = "There are {count} separate situations below. Answer each by itself; give the answers in their order."
MOST_SAID = 2_000


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to ask. `key` is what its answer is kept under; `read` raises AnswerRefused for what cannot be used."""

    key: bytes
    question: Question
    read: Read
    source: Source = "llm"
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer: `cause` in one word, what it took all the same, and what a budget wants to happen then."""

    cause: str
    detail: str
    account: Account = field(default_factory=Account)
    then: AfterCap | None = None


Outcome = Decision | Failed


class Inquiry:
    """The questions of one batch, put through one set of books."""

    def __init__(self, calls: Calls, store: DecisionStore, spends: Sequence[Spend], *, together: int = 1) -> None:
        self._calls = calls
        self._store = store
        self._spends = spends
        self._together = together
        self._keeper = Keeper(store)

    async def outcomes(self, items: Sequence[Item]) -> Mapping[bytes, Outcome]:
        """By key: an answer that was known or has just been paid for and kept, or why there is none."""
        wanted = {item.key: item for item in items}
        known = await self._store.get_many(list(wanted))
        missing = [item for key, item in wanted.items() if key not in known]
        groups = _in_groups(missing, self._together)
        found = await asyncio.gather(*(self._ask_group(group) for group in groups))
        outcomes: dict[bytes, Outcome] = {key: _from_store(decision) for key, decision in known.items()}
        for outcome in found:
            outcomes.update(outcome)
        return outcomes

    async def _ask_group(self, group: Sequence[Item]) -> dict[bytes, Outcome]:
        if len(group) == 1:
            return {group[0].key: await self._ask(group[0])}
        return await self._ask_together(group)

    async def _ask(self, item: Item) -> Outcome:
        """One question, and once more if the answer cannot be used."""
        account = Account()
        try:
            answer = await self._calls.ask(item.question, account=account, spends=self._spends)
            return await self._kept(item, answer, account)
        except AnswerRefused as refused:
            return await self._repaired(item, account, answer.text, refused.detail)
        except ModelFailed as failure:
            if failure.kind == "malformed":
                return await self._repaired(item, account, failure.said, failure.detail)
            return _failed(failure, account)

    async def _repaired(self, item: Item, account: Account, said: str, fault: str) -> Outcome:
        prompt = _REPAIR.format(prompt=item.question.prompt, said=said[:MOST_SAID], fault=fault)
        question = replace(item.question, prompt=prompt, purpose="repair")
        try:
            answer = await self._calls.ask(question, account=account, spends=self._spends)
            return await self._kept(item, answer, account)
        except AnswerRefused as refused:
            return Failed(refused.fault, refused.detail, account)
        except ModelFailed as failure:
            return _failed(failure, account)

    async def _kept(self, item: Item, answer: ModelAnswer, account: Account) -> Decision:
        options, reason = item.read(answer.value)
        exchange = Exchange(item.question.prompt, answer.text, answer.model)
        decision = Decision(
            options, item.source, item.key, reason, lasting=item.lasting, exchange=exchange, **account.lines
        )
        await self._keeper.keep(decision)
        return decision

    async def _ask_together(self, group: Sequence[Item]) -> dict[bytes, Outcome]:
        """One call for all; whose answer cannot be used is asked once more by itself. The first bears what it took."""
        account = Account()
        try:
            answer = await self._calls.ask(_joined(group), account=account, spends=self._spends)
        except ModelFailed as failure:
            if failure.kind != "malformed":
                return _shared(group, failure, account)
            answer = ModelAnswer(None, failure.said, "")
        told = answer.value.get("answers") if isinstance(answer.value, Mapping) else None
        values = told if isinstance(told, list) and len(told) == len(group) else [None] * len(group)
        bills = [account, *(Account() for _ in group[1:])]
        parts = [
            self._part(item, replace(answer, value=value, text=orjson.dumps(value).decode()), bill)
            for item, value, bill in zip(group, values, bills, strict=True)
        ]
        return dict(zip((item.key for item in group), await asyncio.gather(*parts), strict=True))

    async def _part(self, item: Item, answer: ModelAnswer, account: Account) -> Outcome:
        try:
            return await self._kept(item, answer, account)
        except AnswerRefused as refused:
            return await self._repaired(item, account, answer.text, refused.detail)


def _from_store(decision: Decision) -> Decision:
    return replace(decision, source="cache", calls=0, prompt_tokens=0, completion_tokens=0, cost=ZERO, seconds=0.0)


def _failed(failure: ModelFailed, account: Account) -> Failed:
    cause = "models_dead" if isinstance(failure, ModelsDead) else failure.kind
    return Failed(cause, failure.detail, account, failure.then if isinstance(failure, CapReached) else None)


def _shared(group: Sequence[Item], failure: ModelFailed, account: Account) -> dict[bytes, Outcome]:
    bills = [account, *(Account() for _ in group[1:])]
    return {item.key: _failed(failure, bill) for item, bill in zip(group, bills, strict=True)}


def _in_groups(items: Sequence[Item], size: int) -> list[list[Item]]:
    """At most `size` questions that may share a call: the same system text, schema, model and temperature."""
    alike: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        asked = item.question
        alike.setdefault((asked.system, id(asked.schema), asked.model, asked.temperature), []).append(item)
    return [same[at : at + size] for same in alike.values() for at in range(0, len(same), size)]


def _joined(group: Sequence[Item]) -> Question:
    first = group[0].question
    told = [f"Situation {number}\n{item.question.prompt}" for number, item in enumerate(group, 1)]
    prompt = "\n\n".join([_TOGETHER.format(count=len(group)), *told])
    return replace(first, prompt=prompt, schema=together_schema(first.schema, len(group)))
