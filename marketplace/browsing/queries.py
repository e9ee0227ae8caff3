"""Searching the marketplace: full text first, then what is spelt alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Case, CharField, Count, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Least

from marketplace.access import offered
from marketplace.browsing.spelling import trigrams, words
from marketplace.manifest.envelope import CATEGORIES
from marketplace.models import Listing

LANGUAGE = "english"
ALIKE = 0.5
EXACT, FOUND, SIMILAR = 3_000_000, 2_000_000, 1_000_000
MOST_TAGS = 12


class Ordering(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    INSTALLS = "installs"
    TITLE = "title"


COLUMNS: Mapping[Ordering, tuple[str, ...]] = {
    Ordering.RELEVANCE: ("-score", "-installs", "-id"),
    Ordering.NEWEST: ("-published_at", "-id"),
    Ordering.INSTALLS: ("-installs", "-id"),
    Ordering.TITLE: ("title", "id"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for. Empty means anything."""

    q: str = ""
    kind: str = ""
    category: str = ""
    tag: str = ""
    ordering: Ordering = Ordering.RELEVANCE

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.ordering]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet and how many listings it would leave."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    choices: tuple[Choice, ...]


class _Shared(Func):
    """How many pieces two arrays have in common."""

    template = "cardinality(ARRAY(SELECT unnest(%(expressions)s)))"
    arg_joiner = ") INTERSECT SELECT unnest("
    output_field = IntegerField()


class _Unnest(Func):
    function = "unnest"
    set_returning = True


def find(wish: Wish) -> QuerySet[Listing]:
    """The listings that fit, each with an integer `score`, in the order of the wish."""
    return _matching(_narrowed(offered(), wish), wish.q).order_by(*wish.columns)


def facets(wish: Wish) -> tuple[Facet, ...]:
    """For each facet, what choosing a value (instead of the chosen one) would leave."""
    kinds = _counted(replace(wish, kind=""), "kind")
    categories = _counted(replace(wish, category=""), "category")
    return (
        Facet(
            "kind", "Kind", tuple(Choice(k.value, k.label, kinds[k.value]) for k in Listing.Kind if k.value in kinds)
        ),
        Facet(
            "category",
            "Field",
            tuple(Choice(c, category_label(c), categories[c]) for c in CATEGORIES if c in categories),
        ),
        Facet("tag", "Tag", _tags(replace(wish, tag=""))),
    )


def category_label(category: str) -> str:
    return category.replace("-", " ").capitalize()


def search_vector(listing: Listing) -> Any:
    """Weighted text of one listing: title A, summary B, tags and category C, description D."""
    weighted = [
        (f"{listing.title} {listing.slug.replace('-', ' ')}", "A"),
        (listing.summary, "B"),
        (" ".join([*listing.tags, listing.category]).replace("-", " "), "C"),
        (listing.description, "D"),
    ]
    first, *rest = (SearchVector(Value(text), weight=weight, config=LANGUAGE) for text, weight in weighted)
    vector: Any = first
    for part in rest:
        vector += part
    return vector


def _narrowed(listings: QuerySet[Listing], wish: Wish) -> QuerySet[Listing]:
    if wish.kind:
        listings = listings.filter(kind=wish.kind)
    if wish.category:
        listings = listings.filter(category=wish.category)
    if wish.tag:
        listings = listings.filter(tags__contains=[wish.tag])
    return listings


def _matching(listings: QuerySet[Listing], q: str) -> QuerySet[Listing]:
    wanted = words(q)
    if not wanted:
        rows = listings.none() if q.strip() else listings
        return rows.annotate(score=Value(0, output_field=IntegerField()))
    text = SearchQuery(" & ".join(f"{word}:*" for word in wanted), config=LANGUAGE, search_type="raw")
    pieces = trigrams([" ".join(wanted)])
    alike = listings.annotate(
        shared=_Shared(F("trigrams"), Value(pieces, output_field=ArrayField(CharField(max_length=3))))
    )
    found = Q(search=text)
    similar = Q(trigrams__overlap=pieces, shared__gte=math.ceil(len(pieces) * ALIKE))
    return alike.filter(found | similar).annotate(score=_score(q, text, found, len(pieces)))


def _score(q: str, text: SearchQuery, found: Q, pieces: int) -> Case:
    """Tiers: the very name, then the text by its rank, then the spelling by its likeness. Whole numbers page exactly."""
    rank = Cast(Least(SearchRank(F("search"), text), Value(0.9)) * 1_000_000, IntegerField())
    exact = Q(title__iexact=q.strip()) | Q(slug=q.strip().lower().replace(" ", "-"))
    return Case(
        When(exact, then=Value(EXACT)),
        When(found, then=rank + FOUND),
        default=F("shared") * Value(900_000 // pieces) + SIMILAR,
        output_field=IntegerField(),
    )


def _counted(wish: Wish, column: str) -> dict[str, int]:
    rows = find(wish).order_by().values_list(column).annotate(number=Count("pk", distinct=True))
    return dict(rows)


def _tags(wish: Wish) -> tuple[Choice, ...]:
    listings = Listing.objects.filter(pk__in=find(wish).order_by().values("pk"))
    rows = (
        listings.annotate(tag=_Unnest(F("tags")))
        .values_list("tag")
        .annotate(number=Count("pk"))
        .order_by("-number", "tag")
    )
    return tuple(Choice(tag, tag, number) for tag, number in rows[:MOST_TAGS])
