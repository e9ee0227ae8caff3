"""Two rankings of passages as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from agents.knowledge.queries import Passage

K = 60  # reciprocal rank fusion, Cormack, Clarke and Büttcher, SIGIR 2009: 60 worked best there, and little depends on it


def fuse(*rankings: Iterable[Passage]) -> list[Passage]:
    """Every passage once, in the order of the sum of 1 / (60 + its place) over the rankings; each keeps its better score.

    Of equals the name of the document decides, then the passage's own id, so that the same rankings give the same order.
    """
    shares: defaultdict[UUID, float] = defaultdict(float)
    best: dict[UUID, Passage] = {}
    for ranking in rankings:
        for place, passage in enumerate(ranking, start=1):
            shares[passage.chunk_id] += 1 / (K + place)
            known = best.setdefault(passage.chunk_id, passage)
            if passage.score > known.score:
                best[passage.chunk_id] = passage
    return sorted(best.values(), key=lambda each: (-shares[each.chunk_id], each.document, each.chunk_id))
