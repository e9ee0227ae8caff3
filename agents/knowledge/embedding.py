"""Giving passages their vectors in a worker, batch by batch. What is stored is never paid for again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from agents.knowledge.access import lock_document, lock_embedder
from agents.knowledge.announcing import announce
from agents.knowledge.embedder import Made, vectors_of
from agents.knowledge.models import Chunk, Document, Embedder, PassageVector
from agents.llm.types import CredentialRefused, LLMError, ModelMissing, RequestRefused
from projects.budgets.purse import OverLimit
from projects.budgets.spending import Caller
from projects.faults import noting
from projects.faults.models import Category
from projects.work import queue
from projects.work.leases import Ending, Lease

WORK = "embedding"
QUEUE = "default"
BATCH = 64  # passages: at most some 15,000 tokens, which every provider takes in one call
LONGEST_HEADING = 200
OFFLINE = "offline"
PAUSE, LONGEST_PAUSE = 30.0, 900.0  # seconds until a provider that failed is asked again


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages of one document that have no vector yet."""

    embedder: Embedder
    document_id: UUID
    chunks: list[Chunk]

    def texts(self) -> list[str]:
        return [f"{chunk.heading[:LONGEST_HEADING]}\n{chunk.text}".strip() for chunk in self.chunks]


def embed_passages(lease: Lease) -> Ending:
    """Carry out work of the kind `embedding`: one item per embedder, so that a workspace has one call under way."""
    while (batch := _next(lease.object_id)) is not None:
        lease.check()
        try:
            made = _made(batch, lease)
        except (LLMError, OverLimit) as failure:
            ending = _failed(batch, failure, lease)
            if ending is not None:
                return ending
        else:
            lease.check()
            _store(batch, made)
    return "done"


def give_up(embedder_id: UUID, reason: str) -> None:
    """Stop an embedder whose worker cannot go on."""
    _stop(embedder_id, Category.INTERNAL, "not_embedded", reason)


def go_on() -> None:
    """Have vectors made of what has none, if anybody makes them; in the transaction that made passages ready."""
    for found in Embedder.objects.filter(state=Embedder.State.WORKING).values_list("pk", flat=True):
        queue.enqueue(kind=WORK, object_id=found, queue=QUEUE)


def _next(embedder_id: UUID) -> Batch | None:
    """The oldest document first; None where all have their vectors, or nobody makes any."""
    embedder = Embedder.objects.select_related("connection").filter(pk=embedder_id).first()
    if embedder is None or embedder.state == Embedder.State.STOPPED:
        return None
    waiting = Chunk.objects.filter(
        document__state=Document.State.READY, document__embedding_error="", vector__isnull=True
    )
    chunks = list(waiting.defer("search").order_by("document__created_at", "document_id", "position")[:BATCH])
    if not chunks:
        return None
    first = chunks[0].document_id
    return Batch(embedder, first, [chunk for chunk in chunks if chunk.document_id == first])


def _made(batch: Batch, lease: Lease) -> Made:
    return vectors_of(
        batch.texts(),
        connection=batch.embedder.connection,
        model=batch.embedder.model,
        caller=Caller(lease.kind, lease.object_id, lease.fence),
        seconds=settings.PASSAGES_EMBEDDED_WITHIN,
    )


@transaction.atomic
def _store(batch: Batch, made: Made) -> None:
    """The vectors with what they cost; vectors of another model are paid for and dropped, and the embedder stops."""
    made.bill.enter()
    embedder = lock_embedder(batch.embedder.pk)
    document = lock_document(batch.document_id)
    if embedder is None:
        return
    if not made.are_of(embedder):
        detail = (
            f"It answers as {made.served} with {made.dimensions:,} numbers per vector, and was {embedder.served} with "
            f"{embedder.dimensions:,}. Choose it again to have everything embedded anew."
        )
        _stop(embedder.pk, Category.PROVIDER, "other_vectors", detail)
        return
    if document is not None:
        _keep(batch, made, document)
    _recovered(embedder)


def _keep(batch: Batch, made: Made, document: Document) -> None:
    PassageVector.objects.bulk_create(
        (
            PassageVector(chunk=chunk, embedder=batch.embedder, numbers=numbers)
            for chunk, numbers in zip(batch.chunks, made.vectors, strict=True)
        ),
        ignore_conflicts=True,  # a worker that was taken for dead may have been quicker
    )
    document.embedded_count = PassageVector.objects.filter(chunk__document=document).count()
    document.save(update_fields=["embedded_count", "updated_at"])
    announce(document, operation="embed")


def _recovered(embedder: Embedder) -> None:
    if embedder.failures or embedder.state != Embedder.State.WORKING:
        embedder.move_to(Embedder.State.WORKING)
        embedder.failures = 0
        embedder.save(update_fields=["state", "error", "failures", "updated_at"])


def _failed(batch: Batch, failure: LLMError | OverLimit, lease: Lease) -> Ending | None:
    """What becomes of the work: None to go on with other documents."""
    if isinstance(failure, (CredentialRefused, ModelMissing)):
        category = Category.AUTH if isinstance(failure, CredentialRefused) else Category.PROVIDER
        _stop(batch.embedder.pk, category, failure.code, failure.detail)
        return "done"
    if isinstance(failure, RequestRefused) and failure.provider != OFFLINE:
        _refuse(batch.document_id, failure)
        return None
    lease.pause = _delay(batch.embedder.pk, failure)  # the stand-in answers where the operator's provider is away
    return "queued"


@transaction.atomic
def _stop(embedder_id: UUID, category: Category, code: str, detail: str) -> None:
    embedder = lock_embedder(embedder_id)
    if embedder is None or embedder.state == Embedder.State.STOPPED:
        return
    embedder.move_to(Embedder.State.STOPPED, detail)
    embedder.save(update_fields=["state", "error", "updated_at"])
    noting.store([noting.Noted(category, code, f"Vectors of documents: {detail}")])


@transaction.atomic
def _refuse(document_id: UUID, failure: RequestRefused) -> None:
    document = lock_document(document_id)
    if document is not None:
        document.embedding_error = failure.detail
        document.save(update_fields=["embedding_error", "updated_at"])
        noting.store([noting.Noted(Category.PROVIDER, failure.code, f"{document.name}: {failure.detail}")])
        announce(document, operation="embed")


@transaction.atomic
def _delay(embedder_id: UUID, failure: LLMError | OverLimit) -> float:
    """Seconds until it is tried again: twice as many after each failure, and no fewer than the provider said."""
    embedder = lock_embedder(embedder_id)
    if embedder is None or embedder.state == Embedder.State.STOPPED:
        return 0.0
    told = failure.retry_after if isinstance(failure, LLMError) else None
    pause: float = min(PAUSE * 2.0 ** min(embedder.failures, 8), LONGEST_PAUSE)
    embedder.failures += 1
    embedder.move_to(Embedder.State.DELAYED, failure.detail)
    embedder.save(update_fields=["state", "error", "failures", "updated_at"])
    return max(pause, min(told or 0.0, LONGEST_PAUSE))
