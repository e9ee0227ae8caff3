"""The ways to a model that a gateway may take, in the order that their owner gave them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate
from operator import itemgetter
from types import MappingProxyType

from agents.llm.prices import Price, charged, cost_of
from agents.llm.types import Provider, Target, Usage

PREFIXES = ("ollama", "llamacpp", "openai", "anthropic", "gemini", "offline")


@dataclass(frozen=True, slots=True)
class Route:
    """One provider as one link of a chain. `model` is asked for where a call names none of this provider's.

    `models` maps asked-for names to served ones. `private` marks a machine in the house: no call jumps over it to
    another, whatever model it names. What stands behind it in the chain is asked when it fails: the chain is the consent.
    """

    provider: Provider
    target: Target
    model: str = ""
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    private: bool = False
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))

    def cost(self, model: str, usage: Usage) -> Decimal:
        """US dollars for one call, at the owner's own price of the model where there is one."""
        own = self.prices.get(model)
        return charged(own, usage) if own else cost_of(self.target.provider, model, usage)

    def served(self, asked: str, *, first: bool) -> str:
        """The model to ask for, empty for the provider's default. A bare name means the first route's; a prefix names one."""
        if asked in self.models:
            return self.models[asked]
        prefix, _, rest = asked.partition("/")
        if rest and prefix in PREFIXES:
            return rest if prefix == self.provider.name else self.model
        return asked if first and asked else self.model

    def target_for(self, model: str) -> Target:
        return replace(self.target, model=model) if model and model != self.target.model else self.target


def credential_mark(key: str) -> str:
    """What a key is called where it must not be known; empty for no key."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""


def in_order(routes: Sequence[Route], asked: str) -> list[Route]:
    """The routes as a call takes them: those to the provider that it names come earlier, but never before a private one."""
    prefix, _, rest = asked.partition("/")
    if not rest or prefix not in PREFIXES:
        return list(routes)
    behind = accumulate((route.private for route in routes[:-1]), initial=0)
    ranked = [(privates, route.provider.name != prefix, route) for privates, route in zip(behind, routes, strict=True)]
    return [route for _, _, route in sorted(ranked, key=itemgetter(0, 1))]
