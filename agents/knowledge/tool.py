"""The tool `search_knowledge`: what a model is told about it, and what happens when it is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from agents.knowledge import queries, searching
from agents.knowledge.queries import LONGEST_QUERY
from agents.knowledge.searching import Found
from agents.llm.types import ToolSpec

Emit = Callable[..., None]  # emit(type, **data): a line of the run's story

NAME = "search_knowledge"
TOP_K = 6
MOST = 20

SPEC = ToolSpec(
    name=NAME,
    description=(
        "Search the documents of this workspace. Returns passages, each under its citation [document, place]. "
        "Quote a passage word for word in double quotes and put its citation directly after the quotation."
    ),
    parameters={
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_QUERY,
                "description": "A question or key words.",
            },
            "top_k": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "default": TOP_K,
                "description": "How many passages at most.",
            },
        },
        "required": ["query"],
        "additionalProperties": False,
    },
    acts=False,
    brings_in=True,
)


def search_knowledge(arguments: Mapping[str, Any], *, collection_ids: Collection[UUID] | None, emit: Emit) -> str:
    """Search in the current workspace and answer in words for the model; wrong arguments are explained, not raised."""
    query, top_k = arguments.get("query"), arguments.get("top_k", TOP_K)
    if not isinstance(query, str) or not query.strip():
        return "search_knowledge takes a query: one question or some key words, as text."
    if isinstance(top_k, bool) or not isinstance(top_k, int):
        return f"top_k is a whole number from 1 to {MOST}."
    began = time.monotonic()
    found = searching.search(query, collection_ids=collection_ids, top_k=min(max(top_k, 1), MOST))
    emit("rag.operation", **_event(query, found, time.monotonic() - began))
    passages = queries.format_passages(found.passages)
    if not passages:
        passages = f"No passage in the documents of this workspace fits “{query.strip()[:200]}”."
    return f"{found.notice}\n\n{passages}" if found.notice else passages


def _event(query: str, found: Found, seconds: float) -> dict[str, Any]:
    results = [
        {
            "document": passage.document,
            "document_id": str(passage.document_id),
            "locator": passage.locator,
            "score": round(passage.score, 3),
        }
        for passage in found.passages
    ]
    return {
        "operation": "search",
        "query": query.strip()[:LONGEST_QUERY],
        "results": results,
        "by_meaning": found.by_meaning,
        "notice": found.notice,
        "milliseconds": round(seconds * 1000),
    }
