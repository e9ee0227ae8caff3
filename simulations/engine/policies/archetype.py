"""A language model decides once for all who are in the same situation: shares of actions, or several samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulations.engine.decisions import ZERO, Decision, DecisionRequest, DecisionStore, Exchange, Option, Question
from simulations.engine.keys import digest_of
from simulations.engine.policies.answers import merged, read_choice, read_shares
from simulations.engine.policies.calls import Account, Calls
from simulations.engine.policies.falling_back import Fallback
from simulations.engine.policies.inquiry import Failed, Inquiry, Item, Outcome, Read
from simulations.engine.policies.wording import Wording
from simulations.engine.spend import Spend


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask and on whose account. `spends` are all the books that a call is entered in."""

    calls: Calls
    store: DecisionStore
    spends: tuple[Spend, ...] = ()
    fallback: Fallback = field(default_factory=Fallback)
    model: str = ""
    temperature: float = 0.0


class ArchetypeLLMPolicy:
    """`wordings` are by archetype. With `samples` of 0 one answer gives the shares; else so many answers are drawn."""

    individual = False

    def __init__(
        self, name: str, wordings: Mapping[str, Wording], asking: Asking, *, samples: int = 0, together: int = 1
    ) -> None:
        self.name = name
        self.wordings = wordings
        self.asking = asking
        self.samples = samples
        self.together = together

    @property
    def fingerprint(self) -> bytes:
        asking = self.asking
        told = [self.wordings[archetype].fingerprint for archetype in sorted(self.wordings)]
        return digest_of("archetype", asking.model, asking.temperature, self.samples, *told)

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """Raises PlayInterrupted where the budget is spent or nobody answers, and the author wants no rules then."""
        inquiry = Inquiry(self.asking.calls, self.asking.store, self.asking.spends, together=self.together)
        asked = {request.key: self._items(request) for request in requests}
        outcomes = await inquiry.outcomes([item for items in asked.values() for item in items])
        results = [self._result(request, [outcomes[item.key] for item in asked[request.key]]) for request in requests]
        return await settled(requests, results, self.asking.fallback)

    def _items(self, request: DecisionRequest) -> list[Item]:
        wording = self.wordings[request.archetype]
        question = question_of(wording, request, self.asking, wording.prompt(request))
        key, lasting = request.key, not wording.tells_the_moment
        if not lasting:
            key = digest_of(key, question.system, question.prompt)
        if not self.samples:
            return [Item(key, question, self._shares(request), lasting=lasting)]
        return [
            Item(digest_of(key, number), question, chosen(wording, request), lasting=lasting)
            for number in range(self.samples)
        ]

    def _shares(self, request: DecisionRequest) -> Read:
        forms, legal = self.wordings[request.archetype].forms, request.legal
        return lambda value: (read_shares(value, forms, legal), "")

    def _result(self, request: DecisionRequest, outcomes: Sequence[Outcome]) -> Outcome:
        if len(outcomes) == 1:
            return outcomes[0]
        good = [outcome for outcome in outcomes if isinstance(outcome, Decision)]
        bad = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        if not good or any(failed.cause in {"over_budget", "models_dead"} for failed in bad):
            return _summed(bad, good)
        return _together(request, good, bad)


def question_of(wording: Wording, request: DecisionRequest, asking: Asking, prompt: str) -> Question:
    return Question(
        wording.system_for(request), prompt, wording.schema(request.legal), asking.model, asking.temperature
    )


def chosen(wording: Wording, request: DecisionRequest) -> Read:
    def read(value: object) -> tuple[tuple[Option, ...], str]:
        option, reason = read_choice(value, wording.forms, request.legal)
        return (option,), reason

    return read


async def settled(
    requests: Sequence[DecisionRequest], results: Sequence[Outcome], fallback: Fallback
) -> list[Decision]:
    """A decision for every request: what was answered, or what is done instead."""
    failures = [result for result in results if isinstance(result, Failed)]
    fallback.check(failures)
    left = [request for request, result in zip(requests, results, strict=True) if isinstance(result, Failed)]
    instead = iter(await fallback.decide(left, failures))
    return [
        replace(result, key=request.key) if isinstance(result, Decision) else next(instead)
        for request, result in zip(requests, results, strict=True)
    ]


def _together(request: DecisionRequest, good: Sequence[Decision], bad: Sequence[Failed]) -> Decision:
    """Samples as one distribution, with all that was paid for them."""
    spent: list[Decision | Account] = [*good, *(failed.account for failed in bad)]
    kept = next((one.exchange for one in good if one.exchange is not None), None)
    answers = "\n".join(one.exchange.answer for one in good if one.exchange is not None)
    return Decision(
        merged([option for one in good for option in one.options]),
        "cache" if all(one.source == "cache" for one in good) and not bad else "llm",
        request.key,
        f"{len(bad)} of {len(good) + len(bad)} samples could not be used." if bad else "",
        calls=sum(one.calls for one in spent),
        prompt_tokens=sum(one.prompt_tokens for one in spent),
        completion_tokens=sum(one.completion_tokens for one in spent),
        cost=sum((one.cost for one in spent), ZERO),
        seconds=max(one.seconds for one in spent),
        lasting=not bad and all(one.lasting for one in good),
        exchange=None if kept is None else Exchange(kept.prompt, answers, kept.model),
    )


def _summed(bad: Sequence[Failed], good: Sequence[Decision]) -> Failed:
    """No distribution; the cause is the one that says most about asking again."""
    worst = next((failed for failed in bad if failed.cause in {"over_budget", "models_dead"}), bad[0])
    others: list[Decision | Account] = [*good, *(failed.account for failed in bad if failed is not worst)]
    for one in others:
        worst.account.calls += one.calls
        worst.account.prompt_tokens += one.prompt_tokens
        worst.account.completion_tokens += one.completion_tokens
        worst.account.cost += one.cost
    return worst
