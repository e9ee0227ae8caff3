"""How the agents of a hand-written scenario decide: a function of the observation, asked once for each situation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Observation = Mapping[str, float]
Source = Literal["rule", "cache", "llm", "crew", "human", "fallback", "replay"]
Rule = Callable[[Observation], str]


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """One distinct situation: `key` stands for the archetype and its canonical, discretised observation."""

    key: int
    archetype: str
    observation: Observation
    legal: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """The name of an action, and who chose it."""

    action: str
    source: Source
    reason: str = ""


class DecisionPolicy(Protocol):
    """A way of deciding. An agent has one; it is not one."""

    name: str

    def decide_batch(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """One decision for each request, in the same order."""
        ...


class RulePolicy:
    """A pure function of the observation: asked once for each situation in the life of the policy."""

    name = "rule"

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._known: dict[tuple[str, int], Decision] = {}

    def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        return [self._decide(request) for request in requests]

    def _decide(self, request: DecisionRequest) -> Decision:
        key = (request.archetype, request.key)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Decision(self._rule(request.observation), "rule")
        return known
