"""Searching the documents of the current workspace, and reading them back for the check of citations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from agents.knowledge import ranking
from agents.knowledge.citations import find
from agents.knowledge.models import Chunk, Document, Embedder, KnowledgeCollection

LONGEST_QUERY = 2_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found; `score` from 0 to 1 is the share of the question's telling words that it holds, or how
    alike it is in meaning (the cosine of two vectors), whichever is more."""

    document: str
    locator: str
    text: str
    score: float
    chunk_id: UUID
    document_id: UUID
    heading: str = ""


def collections() -> QuerySet[KnowledgeCollection]:
    """Collections with `document_count`, `passage_count` and `size` in bytes."""
    return KnowledgeCollection.objects.annotate(
        document_count=Count("documents"),
        passage_count=Sum("documents__passage_count", default=0),
        size=Sum("documents__size", default=0),
    )


def documents(*, collection: UUID | None = None, state: str | None = None) -> QuerySet[Document]:
    found = Document.objects.select_related("collection")
    for name, value in (("collection_id", collection), ("state", state)):
        if value is not None:
            found = found.filter(**{name: value})
    return found


def passages_of(document: Document) -> QuerySet[Chunk]:
    return document.chunks.defer("search").order_by("position")


_LEXEMES = "SELECT lexeme FROM unnest(to_tsvector(%s::regconfig, %s)) ORDER BY positions[1], lexeme LIMIT %s"

_SCOPE = "FROM agents_chunk c JOIN agents_document d ON d.id = c.document_id WHERE (%(all)s OR d.collection_id = ANY(%(collections)s))"

# Counting stops at a limit: a word that is nearly everywhere says little, and how little does not matter.
_HOLDERS = f"""
SELECT t.lexeme, (SELECT count(*) FROM (SELECT 1 {_SCOPE} AND c.search @@ t.query::tsquery LIMIT %(most)s) AS counted)
FROM unnest(%(lexemes)s::text[], %(queries)s::text[]) AS t(lexeme, query)
UNION ALL
SELECT '', (SELECT coalesce(sum(d.passage_count), 0) FROM agents_document d WHERE %(all)s OR d.collection_id = ANY(%(collections)s))
"""  # noqa: S608  (only constants are put together)

# A word that is there counts for most of its weight; how often, and in heading or text, decides the rest.
_RANKED = f"""
SELECT f.name, f.locator, f.text, s.score, f.id, f.document_id, f.heading
FROM (SELECT d.name, c.* {_SCOPE} AND c.search @@ %(any)s::tsquery
      AND (%(exact)s::text IS NULL OR c.search @@ websearch_to_tsquery('english', %(exact)s)) LIMIT %(most)s) AS f
CROSS JOIN LATERAL (
    SELECT sum(t.weight * (0.7 + 0.3 * ts_rank(f.search, t.query::tsquery))) / %(sum)s AS score
    FROM unnest(%(queries)s::text[], %(weights)s::float8[]) AS t(query, weight) WHERE f.search @@ t.query::tsquery) AS s
WHERE s.score >= %(threshold)s
ORDER BY s.score DESC, f.name, f.position LIMIT %(top_k)s"""  # noqa: S608


def by_words(
    query: str, *, collection_ids: Collection[UUID] | None = None, top_k: int = 6, threshold: float = 0.0
) -> list[Passage]:
    """The passages that answer `query` best, best first; none when none holds a word of it.

    Quotation marks and a minus work as in a web search; when nothing fits them, they are ignored.
    """
    query = query.replace("\x00", " ")[:LONGEST_QUERY]
    with connection.cursor() as cursor:
        scope = {"all": collection_ids is None, "collections": list(collection_ids or ())}
        terms = _terms(cursor, query, scope)
        if not terms:
            return []
        terms |= scope | {"top_k": top_k, "threshold": threshold, "most": ranking.MOST_CANDIDATES}
        rows = _ranked(cursor, terms | {"exact": query}) if ranking.has_operators(query) else []
        return [Passage(*row) for row in rows or _ranked(cursor, terms | {"exact": None})]


# Each vector is read and compared once: as part of a condition and of an order it would be twice.
_NEAREST = f"""
WITH compared AS MATERIALIZED (
    SELECT c.id, d.name, c.position, -(v.numbers::vector <#> %(question)s::real[]::vector) AS score
    {_SCOPE.replace("WHERE", "JOIN agents_passagevector v ON v.chunk_id = c.id WHERE")} AND v.embedder_id = %(embedder)s
), nearest AS (
    SELECT * FROM compared WHERE score > 0 ORDER BY score DESC, name, position, id LIMIT %(top_k)s
)
SELECT n.name, c.locator, c.text, least(n.score, 1), c.id, c.document_id, c.heading
FROM nearest n JOIN agents_chunk c ON c.id = n.id ORDER BY n.score DESC, n.name, n.position, n.id"""  # noqa: S608


def by_meaning(
    question: Sequence[float], embedder: Embedder, *, collection_ids: Collection[UUID] | None = None, top_k: int = 6
) -> list[Passage]:
    """The passages whose vectors are nearest to that of the question, nearest first; those that point elsewhere are left out.

    Both of length 1, so their inner product is the cosine. All vectors are compared: nothing near is missed.
    """
    given: dict[str, Any] = {"all": collection_ids is None, "collections": list(collection_ids or ())}
    given |= {"question": list(question), "embedder": embedder.pk, "top_k": top_k}
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, given)
        return [Passage(*row) for row in cursor.fetchall()]


def embedder() -> Embedder | None:
    return Embedder.objects.select_related("connection").first()


def has_pgvector() -> bool:
    """Whether this database can compare vectors; without pgvector search goes by words alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype('vector') IS NOT NULL")
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Standing:
    """How search by meaning stands: `passages` of documents that are ready, and how many of them are `embedded`."""

    embedder: Embedder | None
    is_possible: bool
    passages: int
    embedded: int
    refused: int  # documents

    @property
    def state(self) -> str:
        return self.embedder.state if self.embedder else "off"


def standing(collection_ids: Collection[UUID] | None = None) -> Standing:
    ready = Document.objects.filter(state=Document.State.READY)
    if collection_ids is not None:
        ready = ready.filter(collection__in=collection_ids)
    found = ready.aggregate(
        passages=Sum("passage_count", default=0),
        embedded=Sum("embedded_count", default=0),
        refused=Count("pk", filter=~Q(embedding_error="")),
    )
    return Standing(embedder(), has_pgvector(), **found)


def _terms(cursor: Any, query: str, scope: dict[str, Any]) -> dict[str, Any]:
    """The question's words with their weights: as English, and word by word when that leaves nothing."""
    for config in ("english", "simple"):
        holders, total = _holders(cursor, query, config, scope)
        weights = ranking.weights(holders, total)
        if weights:
            return {
                "queries": [ranking.quoted(lexeme) for lexeme in weights],
                "weights": list(weights.values()),
                "sum": sum(weights.values()),
                "any": " | ".join(map(ranking.quoted, ranking.deciding(weights, holders))),
            }
    return {}


def _holders(cursor: Any, query: str, config: str, scope: dict[str, Any]) -> tuple[dict[str, int], int]:
    """In how many passages each word of the question occurs, and how many passages there are."""
    cursor.execute(_LEXEMES, [config, query, ranking.MOST_TERMS])
    lexemes = [row[0] for row in cursor.fetchall()]
    asked = {
        "lexemes": lexemes,
        "queries": [ranking.quoted(lexeme) for lexeme in lexemes],
        "most": ranking.MOST_CANDIDATES,
    }
    cursor.execute(_HOLDERS, scope | asked)
    holders = dict(cursor.fetchall())
    return holders, int(holders.pop(""))


def _ranked(cursor: Any, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(_RANKED, parameters)
    return list(cursor.fetchall())


def format_passages(passages: Sequence[Passage]) -> str:
    """Passages as models read them: each under its citation, with a blank line between."""
    return "\n\n".join(f"[{passage.document}, {passage.locator}]\n{_block(passage.text)}" for passage in passages)


def _block(text: str) -> str:
    """One block of lines. A line of the document that looks like a citation must not pass for the head of a passage."""
    return "\n".join(_defused(line) for line in text.splitlines() if line.strip())


def _defused(line: str) -> str:
    bare = line.strip()
    if bare.startswith("[") and bare.endswith("]") and find(bare):
        return f"({bare[1:-1]})"
    return line


def stored_passages(names: Iterable[str]) -> dict[str, list[list[Chunk]]]:
    """The passages of every ready document of these names; collections may each have one of a name."""
    chunks = Chunk.objects.defer("search", "heading").order_by("position")
    found: dict[str, list[list[Chunk]]] = {}
    ready = Document.objects.filter(Q(name__in=set(names)), state=Document.State.READY)
    for document in ready.prefetch_related(Prefetch("chunks", queryset=chunks)):
        found.setdefault(document.name, []).append(list(document.chunks.all()))
    return found
