"""The most that one call to a model can use, before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.llm.prices import Price, price_of
from agents.llm.routes import Route, in_order
from agents.llm.tokens import count_request
from agents.llm.types import Request
from projects.budgets.amounts import Ceiling

# The longest answer of models whose vendors allow less than LONGEST_ANSWER, by the beginning of their names.
SHORTER = (("gpt-3.5", 4_096), ("claude-3-haiku", 4_096), ("claude-3", 8_192), ("gpt-4o", 16_384))
LONGEST_ANSWER = 32_768
IN_DOUBT = Decimal("1.25")  # our own count of a prompt may be off by so much
OVERHEAD = 32  # tokens that a vendor's chat format adds


def ceiling_of(request: Request, routes: Sequence[Route]) -> Ceiling:
    """Prompt, longest answer and price of the dearest route that the gateway may take; unknown where no price is known."""
    asked = list(served(request.model, routes))
    prices = [price for route, model in asked if (price := _price(route, model)) is not None]
    prompt = int(_prompt(request, asked) * IN_DOUBT) + OVERHEAD
    answer = min((_longest(model) for _, model in asked), default=LONGEST_ANSWER)
    if request.max_tokens is not None:
        answer = min(answer, request.max_tokens)
    if not prices:
        return Ceiling(prompt, answer, None, None)
    return Ceiling(prompt, answer, max(p.prompt for p in prices), max(p.completion for p in prices))


def _prompt(request: Request, asked: Iterable[tuple[Route, str]]) -> int:
    """Tokens of the prompt where it counts most: pictures are no text, and every vendor counts them in its own way."""
    if not any(message.images for message in request.messages):
        return count_request(request)
    return max(count_request(replace(request, model=model), route.target.provider) for route, model in asked)


def served(asked: str, routes: Sequence[Route]) -> Iterable[tuple[Route, str]]:
    """The routes that a call for this model takes, in their order, each with the model that it would serve."""
    for position, route in enumerate(in_order(routes, asked)):
        yield route, route.served(asked, first=position == 0) or route.model or route.target.model


def _price(route: Route, model: str) -> Price | None:
    return route.prices.get(model) or price_of(route.target.provider, model)


def _longest(model: str) -> int:
    return next((most for beginning, most in SHORTER if model.startswith(beginning)), LONGEST_ANSWER)


def usual_price(asked: str, routes: Sequence[Route]) -> Price | None:
    """The price of the model that answers when nothing fails; None where nobody knows it."""
    route, model = next(iter(served(asked, routes)))
    return _price(route, model)
