"""Reading an uploaded document in a worker: its bytes become passages. Safe to begin again at any point."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.knowledge import embedding
from agents.knowledge.access import lock_document
from agents.knowledge.announcing import announce
from agents.knowledge.chunking import Passage, chunk
from agents.knowledge.models import Chunk, Document
from agents.knowledge.parsing import Damaged, Parsed, ParseError, parse_safely
from projects.faults import noting
from projects.faults.models import Category
from projects.work.leases import Ending, Lease
from tenants.context import release_connection

ROWS_AT_ONCE = 500


def read_document(lease: Lease) -> Ending:
    """Carry out work of the kind `document`."""
    document = _begin(lease.object_id)
    if document is None:
        return "done"
    try:
        parsed = _parsed(document)
    except ParseError as error:
        lease.check()
        _fail(document.pk, error.code, error.detail)
        return "done"
    passages = chunk(parsed.sections)
    lease.check()
    _store(document.pk, parsed, passages)
    return "done"


def give_up(document_id: UUID, reason: str) -> None:
    """Fail a document whose worker cannot go on."""
    _fail(document_id, "not_read", f"It could not be read. {reason}")


@transaction.atomic
def _begin(document_id: UUID) -> Document | None:
    """The document, now being read; None when it was deleted or is finished."""
    document = lock_document(document_id)
    if document is None or Document.State.PARSING not in document.NEXT[document.state]:
        return None
    document.move_to(Document.State.PARSING)
    document.save(update_fields=["state", "updated_at"])
    announce(document)
    return document


def _parsed(document: Document) -> Parsed:
    try:
        with document.file.open("rb") as stored:
            data = stored.read()
    except FileNotFoundError as error:
        raise Damaged(
            f"The file of “{document.name}” is gone from the storage. Delete the document and upload it again."
        ) from error
    release_connection()
    return parse_safely(data, document.name)


@transaction.atomic
def _store(document_id: UUID, parsed: Parsed, passages: list[Passage]) -> None:
    document = lock_document(document_id)
    if document is None or document.state != Document.State.PARSING:
        return
    document.chunks.all().delete()
    Chunk.objects.bulk_create((_row(document, passage) for passage in passages), batch_size=ROWS_AT_ONCE)
    document.move_to(Document.State.READY)
    document.pages, document.passage_count, document.ready_at = parsed.pages, len(passages), timezone.now()
    document.save(update_fields=["state", "pages", "passage_count", "ready_at", "updated_at"])
    embedding.go_on()
    announce(document)


def _row(document: Document, passage: Passage) -> Chunk:
    return Chunk(
        document=document,
        position=passage.position,
        section=passage.section,
        start=passage.start,
        locator=passage.locator,
        heading=passage.heading,
        text=passage.text,
    )


@transaction.atomic
def _fail(document_id: UUID, code: str, detail: str) -> None:
    document = lock_document(document_id)
    if document is None or Document.State.FAILED not in document.NEXT[document.state]:
        return
    document.move_to(Document.State.FAILED)
    document.error_code, document.error = code, detail
    document.save(update_fields=["state", "error_code", "error", "updated_at"])
    category = Category.INTERNAL if code == "not_read" else Category.DATA
    noting.store([noting.Noted(category, code, f"{document.name}: {detail}")])
    announce(document)
