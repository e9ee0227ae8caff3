"""Choosing who makes vectors for a workspace: that is where all its documents and questions are sent."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from agents.connections.models import Connection
from agents.knowledge import access, embedding, queries
from agents.knowledge.embedder import Made, question_of, vectors_of
from agents.knowledge.models import Document, Embedder
from agents.llm.routes import PREFIXES
from agents.llm.types import LLMError
from projects.budgets.purse import OverLimit
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.context import current_schema
from tenants.errors import FieldError, Invalid, NotFound, WrongState

PROBE = "Which documents are there?"


def choose_embedder(*, connection: Connection | None, model: str, by: Member) -> Embedder:
    """Ask it once; when it answers, have every passage embedded by it, in the background. Without a connection it is the operator's.

    Raises Invalid with what the provider said where it does not answer; then everything stays as it was.
    """
    require_admin(by)
    if not queries.has_pgvector():
        detail = "This database server has no pgvector, so nothing can compare vectors. Ask the operator to install it."
        raise WrongState(detail, code="no_pgvector")
    made = _tried(connection, model.strip())
    return _replaced(connection, model.strip(), made, by)


def _tried(connection: Connection | None, model: str) -> Made:
    if not model:
        raise _wrong("Name the model that makes vectors, as in text-embedding-3-small or nomic-embed-text.")
    try:
        made = vectors_of(
            [PROBE],
            connection=connection,
            model=model,
            caller=question_of(uuid4()),
            seconds=settings.PASSAGES_EMBEDDED_WITHIN,
        )
    except (LLMError, OverLimit) as failure:
        raise _wrong(failure.detail) from failure
    prefix, _, rest = model.partition("/")
    if rest and prefix in PREFIXES and prefix != made.served.partition("/")[0]:
        raise _wrong(f"“{model}” names another provider than the one that was asked. Name the model alone.")
    return made


def _wrong(detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError("model", "cannot_embed", detail)])


@transaction.atomic
def _replaced(connection: Connection | None, model: str, made: Made, by: Member) -> Embedder:
    _one_at_a_time()
    made.bill.enter()
    present = queries.embedder()
    if present is not None and made.are_of(present) and present.connection == connection and present.model == model:
        return _begun_again(present, by)
    _forget()
    embedder = Embedder.objects.create(
        connection=connection, model=model, served=made.served, dimensions=made.dimensions
    )
    audit.record("embedder.chosen", embedder, by=by, model=made.served)
    embedding.go_on()
    return embedder


@transaction.atomic
def drop_embedder(*, by: Member) -> None:
    """Search by words alone from now on; the vectors are deleted."""
    require_admin(by)
    _one_at_a_time()
    present = queries.embedder()
    if present is None:
        raise _none()
    audit.record("embedder.dropped", present, by=by, model=present.served)
    _forget()


@transaction.atomic
def try_again(*, by: Member) -> Embedder:
    """Go on at once after a refusal or while it is delayed, also with documents that were refused."""
    require_admin(by)
    _one_at_a_time()
    present = queries.embedder()
    if present is None:
        raise _none()
    return _begun_again(present, by)


@transaction.atomic
def embed_document_again(*, document: Document, by: Member) -> Document:
    """Try a document again that the embedder refused."""
    require_builder(by)
    locked = access.lock_document(document.pk)
    if locked is None:
        raise NotFound("There is no such document in this workspace.")
    if not locked.embedding_error:
        raise WrongState(f"“{locked.name}” was not refused by the embedder.")
    locked.embedding_error = ""
    locked.save(update_fields=["embedding_error", "updated_at"])
    audit.record("document.retried", locked, by=by)
    embedding.go_on()
    return locked


def _begun_again(present: Embedder, by: Member) -> Embedder:
    embedder = access.lock_embedder(present.pk) or present
    embedder.move_to(Embedder.State.WORKING)
    embedder.failures = 0
    embedder.save(update_fields=["state", "error", "failures", "updated_at"])
    Document.objects.exclude(embedding_error="").update(embedding_error="")
    audit.record("embedder.retried", embedder, by=by)
    embedding.go_on()
    return embedder


def _forget() -> None:
    for embedder in Embedder.objects.select_for_update():
        queue.withdraw(kind=embedding.WORK, object_id=embedder.pk)
        embedder.delete()
    Document.objects.update(embedded_count=0, embedding_error="")


def _one_at_a_time() -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"embedder:{current_schema()}"])


def _none() -> NotFound:
    return NotFound("This workspace has chosen no model for vectors; search goes by words alone.")
