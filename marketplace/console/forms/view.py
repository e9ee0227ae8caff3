"""The filters of the queue, as they stand in an address."""

from __future__ import annotations

from django.http import QueryDict

from marketplace.console.queries.queue import DUE, SORTS, WHOSE, View
from marketplace.models import Publisher
from marketplace.moderation.models import ReviewTask

LONGEST = 120
CHOICES: dict[str, dict[str, str]] = {
    "kind": {str(value): str(label) for value, label in ReviewTask.Kind.choices},
    "whose": WHOSE,
    "due": DUE,
    "standing": {str(value): str(label) for value, label in Publisher.Standing.choices},
    "sort": SORTS,
}


def view_of(sent: QueryDict) -> View:
    """The view in an address. What means nothing is left out."""
    known = {name: sent.get(name, "") for name in CHOICES if sent.get(name, "") in CHOICES[name]}
    free = {name: sent.get(name, "").strip()[:LONGEST] for name in ("q", "reason", "after")}
    return View(**known, **{name: value.replace("\x00", "") for name, value in free.items()})
