"""What a call uses, in the three measures that a budget may bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

MILLION = Decimal(1_000_000)
CENT_OF_CENT = Decimal("0.000001")  # the columns keep six digits of a dollar
MEASURES = ("usd", "tokens", "model_calls")


class Amounts(NamedTuple):
    """US dollars, tokens and model calls."""

    usd: Decimal = Decimal(0)
    tokens: int = 0
    model_calls: int = 0


class Limits(NamedTuple):
    """The most of each; None where there is no bound."""

    usd: Decimal | None = None
    tokens: int | None = None
    model_calls: int | None = None

    @property
    def bound(self) -> Iterator[str]:
        """The measures that are bounded."""
        return (name for name in MEASURES if getattr(self, name) is not None)

    def __bool__(self) -> bool:
        return any(value is not None for value in self)


NOTHING = Amounts()
UNBOUND = Limits()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that one call can use: its prompt, and an answer of at most `completion_tokens`.

    Prices are US dollars per million tokens; None where nobody knows them, and then no dollars are counted.
    """

    prompt_tokens: int
    completion_tokens: int
    prompt_price: Decimal | None = Decimal(0)
    completion_price: Decimal | None = Decimal(0)

    @property
    def is_priced(self) -> bool:
        return self.prompt_price is not None and self.completion_price is not None

    def amounts(self, completion_tokens: int | None = None) -> Amounts:
        """What the call uses at most, or with a shorter answer."""
        answer = self.completion_tokens if completion_tokens is None else completion_tokens
        return Amounts(self._usd(answer), self.prompt_tokens + answer, 1)

    def _usd(self, answer: int) -> Decimal:
        if self.prompt_price is None or self.completion_price is None:
            return Decimal(0)
        exact = (self.prompt_tokens * self.prompt_price + answer * self.completion_price) / MILLION
        return exact.quantize(CENT_OF_CENT, ROUND_CEILING)

    def longest_answer(self, left: Limits) -> int:
        """How many tokens the answer may have so that the call still fits into what is left; below zero where none."""
        longest = self.completion_tokens
        if left.tokens is not None:
            longest = min(longest, left.tokens - self.prompt_tokens)
        if left.usd is not None and self.prompt_price is not None and self.completion_price is not None:
            longest = min(longest, self._affordable(left.usd, self.prompt_price, self.completion_price))
        return longest

    def _affordable(self, usd: Decimal, prompt_price: Decimal, completion_price: Decimal) -> int:
        rest = usd * MILLION - self.prompt_tokens * prompt_price
        if rest < 0:
            return -1
        return (
            int((rest / completion_price).to_integral_value(ROUND_FLOOR))
            if completion_price
            else self.completion_tokens
        )
