"""What a call costs. USD per million tokens, as OpenAI listed them on `AS_OF`; discounts for cached prompts are not counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agents.llm.types import Usage

AS_OF = date(2026, 3, 21)


@dataclass(frozen=True, slots=True)
class Price:
    prompt: Decimal
    completion: Decimal


def _usd(prompt: str, completion: str) -> Price:
    return Price(Decimal(prompt), Decimal(completion))


OPENAI = {
    "gpt-5.4": _usd("2.50", "15"),
    "gpt-5.1": _usd("1.25", "10"),
    "gpt-5-pro": _usd("15", "120"),
    "gpt-5-mini": _usd("0.25", "2"),
    "gpt-5-nano": _usd("0.05", "0.40"),
    "gpt-5": _usd("1.25", "10"),
    "gpt-4.1": _usd("2", "8"),
    "gpt-4.1-mini": _usd("0.40", "1.60"),
    "gpt-4.1-nano": _usd("0.10", "0.40"),
    "gpt-4o": _usd("2.50", "10"),
    "gpt-4o-mini": _usd("0.15", "0.60"),
    "gpt-3.5-turbo": _usd("0.50", "1.50"),
    "o1": _usd("15", "60"),
    "o3": _usd("2", "8"),
    "o3-mini": _usd("1.10", "4.40"),
    "o4-mini": _usd("1.10", "4.40"),
}
FREE = Price(Decimal(0), Decimal(0))
OWN_MACHINE = frozenset({"ollama", "llamacpp", "offline"})

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4}|latest)$")
_MILLION = Decimal(1_000_000)


def price_of(provider: str, model: str) -> Price | None:
    """The price of a model, its dated snapshots included; None where we do not know it."""
    if provider in OWN_MACHINE:
        return FREE
    return OPENAI.get(_SNAPSHOT.sub("", model))


def cost_of(provider: str, model: str, usage: Usage) -> Decimal:
    """US dollars for one call. An unknown model costs 0 here: ask `price_of` whether that is a price or a gap."""
    price = price_of(provider, model)
    if price is None:
        return Decimal(0)
    return (usage.prompt_tokens * price.prompt + usage.completion_tokens * price.completion) / _MILLION
