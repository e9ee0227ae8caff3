"""Searching by words and by meaning. Where meaning cannot be had, words alone answer, and that is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from agents.knowledge import queries, ranking
from agents.knowledge.embedder import Made, question_of, vectors_of
from agents.knowledge.fusing import fuse
from agents.knowledge.models import Embedder
from agents.knowledge.queries import LONGEST_QUERY, Passage
from agents.llm.types import LLMError
from projects.budgets.purse import OverLimit

POOL = 50  # passages of each ranking that are fused


@dataclass(frozen=True, slots=True)
class Found:
    """`by_meaning` says whether vectors took part; `notice` what a reader should know where they did not, or not for all."""

    passages: list[Passage]
    by_meaning: bool = False
    notice: str = ""


class _WordsAlone(Exception):
    """Why meaning cannot be had, as a sentence."""


def search(
    query: str, *, collection_ids: Collection[UUID] | None = None, top_k: int = 6, threshold: float = 0.0
) -> Found:
    """The passages that answer `query` best, best first. Quotation marks and a minus ask for words, and get words alone."""
    query = query.replace("\x00", " ")[:LONGEST_QUERY]
    embedder = None if ranking.has_operators(query) or not query.strip() else queries.embedder()
    try:
        question = _question(embedder, query) if embedder else None
    except _WordsAlone as alone:
        notice = f"Searched by words alone. {alone}"
        found = queries.by_words(query, collection_ids=collection_ids, top_k=top_k, threshold=threshold)
        return Found(found, notice=notice)
    if embedder is None or question is None:
        return Found(queries.by_words(query, collection_ids=collection_ids, top_k=top_k, threshold=threshold))
    rankings = (
        queries.by_words(query, collection_ids=collection_ids, top_k=POOL),
        queries.by_meaning(question, embedder, collection_ids=collection_ids, top_k=POOL),
    )
    fitting = [passage for passage in fuse(*rankings) if passage.score >= threshold]
    return Found(fitting[:top_k], by_meaning=True, notice=_lacking(collection_ids))


def _question(embedder: Embedder, query: str) -> list[float]:
    if embedder.state == Embedder.State.STOPPED:
        raise _WordsAlone(f"{embedder.served} is stopped: {embedder.error}")
    if not queries.has_pgvector():
        raise _WordsAlone("This database server has no pgvector.")
    try:
        made = vectors_of(
            [query],
            connection=embedder.connection,
            model=embedder.model,
            caller=question_of(embedder.pk),
            seconds=settings.QUESTION_EMBEDDED_WITHIN,
            remember=True,
        )
    except (LLMError, OverLimit) as failure:
        raise _WordsAlone(failure.detail) from failure
    return _comparable(made, embedder)


def _comparable(made: Made, embedder: Embedder) -> list[float]:
    with transaction.atomic():
        made.bill.enter()
    if not made.are_of(embedder):
        raise _WordsAlone(f"{made.served} answers with other vectors than those that are stored.")
    return made.vectors[0]


def _lacking(collection_ids: Collection[UUID] | None) -> str:
    standing = queries.standing(collection_ids)
    lacking = standing.passages - standing.embedded
    return (
        f"{lacking:,} of {standing.passages:,} passages have no vector yet; words alone find them." if lacking else ""
    )
