"""The words that the market knows, and the nearest of them to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from marketplace.browsing.models import Word
from marketplace.browsing.spelling import allowed, distance, variants

SHORTEST = 3
MOST_NEIGHBOURS = 100


def learn(new: Iterable[str]) -> None:
    """Add these words. They stay when their listing goes: a correction that leads nowhere finds nothing."""
    found = sorted({word for word in new if len(word) >= SHORTEST})
    Word.objects.bulk_create([Word(word=word, near=variants(word)) for word in found], ignore_conflicts=True)


def nearest(misspelt: str, most: int = 3) -> list[str]:
    """The words of the market that `misspelt` may stand for: fewest errors first."""
    if len(misspelt) < SHORTEST:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the planner takes so many variants for half of the words
        rows = list(Word.objects.filter(near__overlap=variants(misspelt))[:MOST_NEIGHBOURS])
    near = sorted((distance(misspelt, row.word), row.word) for row in rows)
    return [word for errors, word in near if errors <= allowed(misspelt)][:most]
