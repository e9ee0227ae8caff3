"""The words that the market knows, and the nearest of them to a misspelt one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import F

from marketplace.browsing.models import Word
from marketplace.browsing.spelling import allowed, distance, variants

SHORTEST = 3
MOST_NEIGHBOURS = 200


def learn(new: Iterable[str]) -> None:
    """Count these words, in one order for everybody, so that two listings that are indexed at once do not wait for each other."""
    found = sorted({word for word in new if len(word) >= SHORTEST})
    known = set(Word.objects.filter(word__in=found).values_list("word", flat=True))
    Word.objects.bulk_create(
        [Word(word=word, near=variants(word), listings=0) for word in found if word not in known], ignore_conflicts=True
    )
    for word in found:
        Word.objects.filter(word=word).update(listings=F("listings") + 1)


def nearest(misspelt: str, most: int = 3) -> list[str]:
    """The words of the market that `misspelt` may stand for: fewest errors first, then the most used."""
    if len(misspelt) < SHORTEST:
        return []
    rows = Word.objects.filter(near__overlap=variants(misspelt)).order_by("-listings")[:MOST_NEIGHBOURS]
    near = [(distance(misspelt, row.word), -row.listings, row.word) for row in rows]
    return [word for errors, _, word in sorted(near) if errors <= allowed(misspelt)][:most]


def unknown(asked: Sequence[str]) -> Collection[str]:
    """Those that no listing is called or described by, also not as the start of a word."""
    return [word for word in asked if not Word.objects.filter(word__startswith=word).exists()]
