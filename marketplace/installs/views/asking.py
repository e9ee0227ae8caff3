"""What the pages read from their forms, and how they say what was refused."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from marketplace.installs.services import Wish
from tenants.errors import Conflict, DomainError, Forbidden, Invalid, Stale

REFUSALS = (Invalid, Conflict, Forbidden, Stale)
"""What a page says above its own form; anything else has the page of refusals."""
SLOT = "slot-"


def wish_in(request: HttpRequest) -> Wish:
    given = request.POST
    slots = {name.removeprefix(SLOT): value for name, value in given.items() if name.startswith(SLOT) and value}
    return Wish(
        grants=frozenset(given.getlist("grants")),
        bindings={name: str(value) for name, value in slots.items()},
        edits=given.get("edits", ""),
        override=given.get("override", ""),
    )


def number_in(request: HttpRequest, name: str) -> int | None:
    """A whole number of the form; None where there is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def with_refusal(answer: HttpResponse, refusal: DomainError | None) -> HttpResponse:
    if refusal is not None:
        answer.status_code = 422
    return answer


Context = dict[str, Any]
