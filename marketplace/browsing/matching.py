"""From a wish to the listings that fit it, best first.

Order: how the words match (tier), then how many workspaces use the listing (in doublings), then text × quality. No search looks at more than
MOST listings of a tier: the database walks the index of the wished order and stops there, so that a word of half the market
costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet

from marketplace.browsing import vocabulary
from marketplace.browsing.indexing import LANGUAGE
from marketplace.browsing.models import Entry
from marketplace.browsing.spelling import folded, words
from marketplace.browsing.standing import STEP
from marketplace.browsing.wishes import Ordering, Wish

MOST = 480  # twenty pages
MOST_NAMED = 120
SHORTEST_START = 3
ENOUGH = 6  # with fewer found, words spelt alike are looked for as well


class Tier(IntEnum):
    """How the words match.

    A very name that nobody vouches for, because nobody uses it and nobody has verified its publisher, counts like any name
    with these words: taking a known name leads nowhere.
    """

    SIMILAR = 1
    TEXT = 2
    NAME = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A listing that fits. `text` is how well its words fit, from 0 to 1."""

    id: UUID
    tier: Tier
    text: float
    weight: int

    @property
    def doublings(self) -> int:
        return self.weight // STEP

    @property
    def quality(self) -> float:
        return (self.weight % STEP) / STEP

    @property
    def key(self) -> tuple[int, int, float]:
        return (self.tier, self.doublings, self.text * (0.5 + self.quality / 2))


@dataclass(frozen=True, slots=True)
class Found:
    """What fits, in order. `capped`: there are more, and only the first were looked at. `meant`: the words searched for instead."""

    hits: tuple[Hit, ...]
    capped: bool = False
    meant: str = ""


def find(wish: Wish) -> Found:
    asked = words(wish.q)
    if not asked:
        return Found(()) if wish.q.strip() else _walk(wish)
    found = _said(wish, asked)
    if len(found.hits) >= ENOUGH:
        return found
    return _spelt_alike(wish, asked, found)


def conditions(wish: Wish, prefix: str = "") -> Q:
    """The filters of the wish, whatever its words, as conditions on an entry; `prefix` leads to it from another table."""
    fits = Q() if wish.all else Q(**{f"{prefix}usable": True})
    if wish.traits:
        fits &= Q(**{f"{prefix}traits__contains": wish.traits})
    if wish.tag:
        fits &= Q(**{f"{prefix}tags__contains": [wish.tag]})
    return fits


def fitting(wish: Wish) -> QuerySet[Entry]:
    return Entry.objects.filter(conditions(wish))


def looked_at(wish: Wish) -> QuerySet[Entry]:
    """The entries that a search for these words looks at, to be counted: those that say them, at most MOST."""
    asked = words(wish.q)
    entries = fitting(wish).filter(words=saying([[word] for word in asked])) if asked else fitting(wish)
    return Entry.objects.filter(pk__in=entries.order_by(*wish.columns).values("pk")[:MOST])


def saying(asked: Sequence[Sequence[str]], config: str = LANGUAGE) -> SearchQuery:
    """One of each group of words; those of the last group also as the start of longer ones, since it may not be written to its end."""
    groups = [list(group) for group in asked]
    groups[-1] = [f"{word}:*" if len(word) >= SHORTEST_START else word for word in groups[-1]]
    return SearchQuery(" & ".join(f"({' | '.join(group)})" for group in groups), config=config, search_type="raw")


def _walk(wish: Wish) -> Found:
    rows = fitting(wish).order_by(*wish.columns).values_list("pk", "weight")[: MOST + 1]
    hits = tuple(Hit(pk, Tier.TEXT, 1.0, weight) for pk, weight in rows[:MOST])
    return Found(hits, capped=len(rows) > MOST)


def _said(wish: Wish, asked: list[str]) -> Found:
    """Those that say the words: the very name first, then all words in the name, then anywhere."""
    entries, groups = fitting(wish), [[word] for word in asked]
    query = saying(groups)
    found = _hits(entries.filter(words=query), query, wish, Tier.TEXT, MOST + 1)
    capped = len(found) > MOST
    if wish.ordering == Ordering.RELEVANCE:
        found |= _hits(entries.filter(names=saying(groups, "simple")), query, wish, Tier.NAME, MOST_NAMED)
        found |= _hits(entries.filter(_very_name(wish.q)), query, wish, Tier.EXACT, MOST_NAMED)
    return Found(_ordered(found, wish), capped)


def _spelt_alike(wish: Wish, asked: list[str], found: Found) -> Found:
    """What is found already, then what says the nearest known words."""
    choices = [[word] if _is_known(word) else vocabulary.nearest(word) for word in asked]
    if not all(choices) or all(choice == [word] for choice, word in zip(choices, asked, strict=True)):
        return found
    query = saying(choices)
    similar = _hits(fitting(wish).filter(words=query), query, wish, Tier.SIMILAR, MOST)
    similar |= {hit.id: hit for hit in found.hits}
    return Found(_ordered(similar, wish), found.capped, meant=" ".join(choice[0] for choice in choices))


def _hits(entries: QuerySet[Entry], query: SearchQuery, wish: Wish, tier: Tier, most: int) -> dict[UUID, Hit]:
    rows = entries.annotate(text=SearchRank(F("words"), query)).order_by(*wish.columns)
    return {
        pk: Hit(pk, Tier.NAME if tier == Tier.EXACT and not trusted else tier, min(text, 1.0), weight)
        for pk, text, weight, trusted in rows.values_list("pk", "text", "weight", "trusted")[:most]
    }


def _ordered(found: dict[UUID, Hit], wish: Wish) -> tuple[Hit, ...]:
    """By relevance; any other order is that of the database, which the dictionary has kept."""
    hits = list(found.values())
    if wish.ordering == Ordering.RELEVANCE:
        hits.sort(key=lambda hit: hit.key, reverse=True)
    return tuple(hits[:MOST])


def _very_name(q: str) -> Q:
    return Q(name=folded(q)) | Q(slug="-".join(words(q)))


def _is_known(word: str) -> bool:
    return Entry.objects.filter(words=saying([[word]])).exists()
