"""What a search answers: the listings that may be shown, in order, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, QuerySet, UUIDField, Value

from marketplace.access import offered
from marketplace.browsing import counting, matching, vocabulary
from marketplace.browsing.matching import Hit
from marketplace.browsing.spelling import words
from marketplace.browsing.wishes import Wish
from marketplace.models import Listing


@dataclass(frozen=True, slots=True)
class Results:
    """`hits` in order; `total` counts them all, and `capped` says that there are more which were not looked at."""

    hits: tuple[Hit, ...]
    total: int
    capped: bool
    meant: str

    @property
    def ids(self) -> list[UUID]:
        return [hit.id for hit in self.hits]


def nearest(wish: Wish) -> str:
    """What may have been meant, where nothing was found: each word as the market spells it. Empty where it knows none like it."""
    spelt = [(vocabulary.nearest(word, most=1) or [""])[0] for word in words(wish.q)]
    return " ".join(spelt) if all(spelt) and spelt != words(wish.q) else ""


class _Place(Func):
    function = "array_position"
    output_field = IntegerField()


def search(wish: Wish) -> Results:
    """What fits and may be seen by everybody. Without words, the total is of the whole market, also beyond what is looked at."""
    found = matching.find(wish)
    seen = set(offered().filter(pk__in=[hit.id for hit in found.hits]).values_list("pk", flat=True))
    hits = tuple(hit for hit in found.hits if hit.id in seen)
    known = found.capped and not wish.q and not wish.tag
    total = counting.total(wish) if known else len(hits)
    return Results(hits, total, capped=found.capped and not known, meant=found.meant)


def walk(wish: Wish) -> QuerySet[Listing]:
    """Every listing that fits a wish without words, to be read page by page in the order `columns_of_walk`."""
    found = offered().filter(matching.conditions(wish, "entry__"))
    return found.annotate(**{name: F(f"entry__{name}") for name in ("weight", "rating", "workspaces", "usd")})


def in_order(ids: Sequence[UUID]) -> QuerySet[Listing]:
    """These listings, each with its `place` among them."""
    places = Value(list(ids), output_field=ArrayField(UUIDField()))
    return offered().filter(pk__in=ids).annotate(place=_Place(places, "id")).order_by("place")
