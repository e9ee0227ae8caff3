"""Telling whoever watches `rag:operations` how a document stands."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from agents.knowledge.models import Document
from projects.realtime import publish


def announce(document: Document, *, operation: str = "read") -> None:
    """Once what was changed is committed."""
    data = {
        "operation": operation,
        "document_id": str(document.pk),
        "document": document.name,
        "state": document.state,
        "passages": document.passage_count,
        "embedded": document.embedded_count,
        "error": document.error or document.embedding_error,
    }
    message = {"type": "rag.operation", "seq": None, "timestamp": timezone.now().isoformat(), "data": data}
    transaction.on_commit(partial(publish, "rag:operations", message))
