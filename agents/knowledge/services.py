"""What a person may do with collections and documents."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.base import File
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum

from agents.knowledge import access, choosing
from agents.knowledge.files import path_of, private_files
from agents.knowledge.models import Document, KnowledgeCollection
from agents.knowledge.naming import document_name
from agents.knowledge.parsing import MAX_BYTES, Kind, ParseError, kind_of
from agents.knowledge.parsing.kinds import HEAD_BYTES
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.context import current_schema
from tenants.errors import Conflict, DomainError, FieldError, Invalid, NotFound, TooLarge, WrongState

WORK = "document"
QUEUE = "default"
WORKSPACE_MOST_BYTES = 2 * 1024**3
DEFAULT_COLLECTION = "Documents"
_MB = 1024**2


class _Content(NamedTuple):
    """What is known of a file after one pass over it."""

    size: int
    sha256: str
    kind: Kind


@transaction.atomic
def create_collection(*, name: str, by: Member, description: str = "") -> KnowledgeCollection:
    require_builder(by)
    collection = KnowledgeCollection(name=name.strip(), description=description)
    _save_collection(collection)
    audit.record("collection.created", collection, by=by)
    return collection


@transaction.atomic
def update_collection(
    *, collection: KnowledgeCollection, by: Member, name: str | None = None, description: str | None = None
) -> KnowledgeCollection:
    require_builder(by)
    collection.name = collection.name if name is None else name.strip()
    collection.description = collection.description if description is None else description
    _save_collection(collection)
    audit.record("collection.changed", collection, by=by)
    return collection


def _save_collection(collection: KnowledgeCollection) -> None:
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError:
        detail = f"There is a collection named “{collection.name}” already; choose another name."
        raise Conflict(detail, errors=[FieldError("name", "taken", detail)]) from None


@transaction.atomic
def delete_collection(*, collection: KnowledgeCollection, by: Member) -> None:
    """Delete a collection with its documents, their passages and their files. Refused while an agent searches it: an agent
    without collections searches all of them."""
    require_admin(by)
    _hold(collection)
    users = list(
        KnowledgeCollection.objects.filter(pk=collection.pk, agent__isnull=False).values_list("agent__name", flat=True)[
            :3
        ]
    )
    if users:
        detail = f"“{collection.name}” is searched by {', '.join(users)}. Take it from these agents first."
        raise WrongState(detail, code="in_use")
    documents = list(Document.objects.select_for_update().filter(collection=collection))
    for document in documents:
        _forget(document)
    audit.record("collection.deleted", collection, by=by, documents=[document.name for document in documents])
    collection.delete()


@transaction.atomic
def default_collection(*, by: Member) -> KnowledgeCollection:
    """Where documents go that were given no collection; made when it is first needed."""
    require_builder(by)
    return KnowledgeCollection.objects.get_or_create(name=DEFAULT_COLLECTION)[0]


def upload_document(*, collection: KnowledgeCollection, name: str, stream: File[Any], by: Member) -> Document:
    """Keep a file and have it read in the background. Refused files leave nothing behind.

    Raises TooLarge beyond 25 MB or the workspace's room, Invalid for what cannot be read, Conflict for the same name or content.
    """
    require_builder(by)
    name = document_name(name)
    content = _examined(stream, name)
    document = Document(
        collection=collection,
        name=name,
        media_type=content.kind.media_type,
        size=content.size,
        sha256=content.sha256,
        uploaded_by_id=by.user_id,
        uploaded_by=by.name or by.email,
    )
    document.file = stream
    try:
        with transaction.atomic():
            _hold(collection)
            _check_room(content.size)
            _insert(document)
            audit.record("document.uploaded", document, by=by, size=content.size, sha256=content.sha256)
            queue.enqueue(kind=WORK, object_id=document.pk, queue=QUEUE)
    except (DomainError, DatabaseError, OSError):
        _delete_path(path_of(document, name))
        raise
    return document


def _examined(stream: File[Any], name: str) -> _Content:
    """Read the file once, in pieces: measure it, hash it, and look whether it is what its name says."""
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in stream.chunks():
        size += len(piece)
        if size > MAX_BYTES:
            raise too_large(name, stream.size)
        digest.update(piece)
        head = head if len(head) >= HEAD_BYTES else (head + piece)[:HEAD_BYTES]
    stream.seek(0)
    try:
        return _Content(size, digest.hexdigest(), kind_of(name, head))
    except ParseError as error:
        raise Invalid(error.detail, code=error.code, errors=[FieldError("file", error.code, error.detail)]) from error


def too_large(name: str, size: int | None) -> TooLarge:
    has = f"has {size / _MB:,.1f} MB" if size else "is too large"
    detail = f"“{name}” {has}; {MAX_BYTES // _MB} MB are allowed. Split it and upload the parts."
    return TooLarge(detail, errors=[FieldError("file", "too_large", detail)])


def _hold(collection: KnowledgeCollection) -> None:
    """Keep the collection from being deleted while something is put into it."""
    if not KnowledgeCollection.objects.select_for_update(no_key=True).filter(pk=collection.pk).exists():
        raise NotFound("There is no such collection in this workspace.")


def _check_room(size: int) -> None:
    """One upload at a time counts, so that many at once cannot exceed the room together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"documents:{current_schema()}"])
    used = Document.objects.aggregate(sum=Sum("size"))["sum"] or 0
    if used + size > WORKSPACE_MOST_BYTES:
        raise TooLarge(
            f"The documents of this workspace fill {used / _MB:,.0f} of {WORKSPACE_MOST_BYTES // _MB:,} MB. Delete some, then upload again.",
            code="no_room",
        )


def _insert(document: Document) -> None:
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError as error:
        raise _clash(document, str(error)) from None


def _clash(document: Document, error: str) -> DomainError:
    collection = document.collection
    if "one_document_of_a_content" in error:
        twin = (
            Document.objects.filter(collection=collection, sha256=document.sha256)
            .values_list("name", flat=True)
            .first()
        )
        detail = f"“{collection.name}” holds this very file already, as “{twin}”."
        return Conflict(detail, code="same_content", errors=[FieldError("file", "same_content", detail)])
    detail = f"“{collection.name}” has a document named “{document.name}” already. Delete that one, or upload this one under another name."
    return Conflict(detail, code="name_taken", errors=[FieldError("file", "name_taken", detail)])


@transaction.atomic
def retry_document(*, document: Document, by: Member) -> Document:
    """Read a failed document again, or have one embedded again that was refused."""
    require_builder(by)
    locked = _locked(document.pk)
    if locked.embedding_error:
        return choosing.embed_document_again(document=locked, by=by)
    locked.move_to(Document.State.RECEIVED)
    locked.error_code = locked.error = ""
    locked.save(update_fields=["state", "error_code", "error", "updated_at"])
    audit.record("document.retried", locked, by=by)
    queue.enqueue(kind=WORK, object_id=locked.pk, queue=QUEUE)
    return locked


@transaction.atomic
def delete_document(*, document: Document, by: Member) -> None:
    """Delete a document with its passages and its file; work on it that waits is withdrawn."""
    require_builder(by)
    locked = _locked(document.pk)
    audit.record("document.deleted", locked, by=by, collection=str(locked.collection_id))
    _forget(locked)


def _locked(document_id: UUID) -> Document:
    document = access.lock_document(document_id)
    if document is None:
        raise NotFound("There is no such document in this workspace.")
    return document


def _forget(document: Document) -> None:
    queue.withdraw(kind=WORK, object_id=document.pk)
    path = document.file.name
    document.delete()
    transaction.on_commit(partial(_delete_path, path))


def _delete_path(path: str | None) -> None:
    if path:
        private_files().delete(path)
