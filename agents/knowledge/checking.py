"""Checking what an answer quotes against the documents of the workspace."""

from __future__ import annotations

from collections.abc import Sequence

from agents.knowledge import queries
from agents.knowledge.citations import Checked, Citation, DocumentText, Status, check, find

MOST_CITATIONS = 200
_BEST_FIRST: tuple[Status, ...] = ("verified", "unquoted", "not_found", "unknown_document")


def citations_of(text: str) -> list[Checked]:
    """Every citation of `text` (the first 200) with its verdict, in order."""
    citations = find(text)[:MOST_CITATIONS]
    stored = queries.stored_passages(citation.document for citation in citations)
    texts = {name: [DocumentText(passages) for passages in documents] for name, documents in stored.items()}
    return [_best(citation, texts.get(citation.document, [])) for citation in citations]


def _best(citation: Citation, documents: Sequence[DocumentText]) -> Checked:
    verdicts = [check(citation, {citation.document: document}) for document in documents]
    return min(verdicts or [check(citation, {})], key=lambda verdict: _BEST_FIRST.index(verdict.status))
