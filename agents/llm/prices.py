"""What a call costs: US dollars per million tokens, without batch or volume discounts.

Read on `AS_OF` from the vendors' price lists as collected in github.com/simonw/llm-prices (OpenAI: developers.openai.com/api/docs/pricing,
Anthropic: platform.claude.com/docs/en/about-claude/pricing, Google: ai.google.dev/gemini-api/docs/pricing). Prompts of more
than 200,000 tokens cost up to twice as much at some models; these are the prices below that. Embeddings: OpenAI's list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agents.llm.types import Usage

AS_OF = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Price:
    """`cached` is for the part of a prompt that the vendor had kept from an earlier call."""

    prompt: Decimal
    completion: Decimal
    cached: Decimal


def _usd(prompt: str, completion: str, cached: str = "") -> Price:
    return Price(Decimal(prompt), Decimal(completion), Decimal(cached or prompt))


OPENAI = {
    "gpt-5.5": _usd("5", "30", "0.50"),
    "gpt-5.5-pro": _usd("30", "180"),
    "gpt-5.4": _usd("2.50", "15", "0.25"),
    "gpt-5.4-mini": _usd("0.75", "4.50", "0.075"),
    "gpt-5.4-nano": _usd("0.20", "1.25", "0.02"),
    "gpt-5.4-pro": _usd("30", "180"),
    "gpt-5.2": _usd("1.75", "14", "0.175"),
    "gpt-5.2-pro": _usd("21", "168"),
    "gpt-5.1": _usd("1.25", "10", "0.125"),
    "gpt-5-pro": _usd("15", "120"),
    "gpt-5-mini": _usd("0.25", "2", "0.025"),
    "gpt-5-nano": _usd("0.05", "0.40", "0.005"),
    "gpt-5": _usd("1.25", "10", "0.125"),
    "gpt-4.1": _usd("2", "8", "0.50"),
    "gpt-4.1-mini": _usd("0.40", "1.60", "0.10"),
    "gpt-4.1-nano": _usd("0.10", "0.40", "0.025"),
    "gpt-4o": _usd("2.50", "10", "1.25"),
    "gpt-4o-mini": _usd("0.15", "0.60", "0.075"),
    "gpt-3.5-turbo": _usd("0.50", "1.50"),
    "o1": _usd("15", "60", "7.50"),
    "o3": _usd("2", "8", "0.50"),
    "o3-mini": _usd("1.10", "4.40", "0.55"),
    "o4-mini": _usd("1.10", "4.40", "0.275"),
    "text-embedding-3-small": _usd("0.02", "0"),
    "text-embedding-3-large": _usd("0.13", "0"),
}
ANTHROPIC = {
    "claude-fable-5-1": _usd("10", "50", "0.25"),
    "claude-fable-5": _usd("10", "50", "1"),
    "claude-opus-5-5": _usd("4", "20", "0.20"),
    "claude-opus-5": _usd("5", "25", "0.50"),
    "claude-opus-4-8": _usd("5", "25", "0.50"),
    "claude-opus-4-7": _usd("5", "25", "0.50"),
    "claude-opus-4-6": _usd("5", "25", "0.50"),
    "claude-opus-4-5": _usd("5", "25", "0.50"),
    "claude-opus-4-1": _usd("15", "75", "1.50"),
    "claude-opus-4": _usd("15", "75", "1.50"),
    "claude-sonnet-5-5": _usd("2", "10", "0.20"),
    "claude-sonnet-5": _usd("2", "10", "0.20"),
    "claude-sonnet-4-6": _usd("3", "15", "0.30"),
    "claude-sonnet-4-5": _usd("3", "15", "0.30"),
    "claude-sonnet-4": _usd("3", "15", "0.30"),
    "claude-3-7-sonnet": _usd("3", "15", "0.30"),
    "claude-haiku-4-5": _usd("1", "5", "0.10"),
    "claude-3-5-haiku": _usd("0.80", "4", "0.08"),
    "claude-3-haiku": _usd("0.25", "1.25", "0.025"),
}
GEMINI = {
    "gemini-3.6-flash": _usd("1.50", "7.50", "0.15"),
    "gemini-3.5-flash": _usd("1.50", "9", "0.15"),
    "gemini-3.5-flash-lite": _usd("0.30", "2.50", "0.03"),
    "gemini-3.1-pro-preview": _usd("2", "12"),
    "gemini-3.1-flash-lite": _usd("0.25", "1.50", "0.025"),
    "gemini-3-pro-preview": _usd("2", "12"),
    "gemini-3-flash-preview": _usd("0.50", "3"),
    "gemini-2.5-pro": _usd("1.25", "10", "0.125"),
    "gemini-2.5-flash": _usd("0.30", "2.50", "0.03"),
    "gemini-2.5-flash-lite": _usd("0.10", "0.40", "0.01"),
    "gemini-2.0-flash": _usd("0.10", "0.40"),
}
PRICES: Mapping[str, Mapping[str, Price]] = {"openai": OPENAI, "anthropic": ANTHROPIC, "gemini": GEMINI}
FREE = _usd("0", "0")
OWN_MACHINE = frozenset({"ollama", "llamacpp", "offline"})

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3}|latest)$")
_MILLION = Decimal(1_000_000)


def price_of(provider: str, model: str) -> Price | None:
    """The price of a model, its dated snapshots included; None where we do not know it."""
    if provider in OWN_MACHINE:
        return FREE
    listed, model = PRICES.get(provider, OPENAI), model.removeprefix("models/")  # as Gemini's own list has them
    return listed.get(model) or listed.get(_SNAPSHOT.sub("", model))


def cost_of(provider: str, model: str, usage: Usage) -> Decimal:
    """US dollars for one call. An unknown model costs 0 here: ask `price_of` whether that is a price or a gap."""
    price = price_of(provider, model)
    return Decimal(0) if price is None else charged(price, usage)


def charged(price: Price, usage: Usage) -> Decimal:
    """US dollars for one call at a given price."""
    fresh = usage.prompt_tokens - usage.cached_tokens
    prompt = fresh * price.prompt + usage.cached_tokens * price.cached
    return (prompt + usage.completion_tokens * price.completion) / _MILLION
