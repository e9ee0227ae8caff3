"""From an outside id to a collection or a document: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from agents.knowledge.models import Document, Embedder, KnowledgeCollection
from tenants.access import Member
from tenants.errors import NotFound


def get_collection(member: Member, collection_id: UUID) -> KnowledgeCollection:
    collection = KnowledgeCollection.objects.filter(pk=collection_id).first()
    if collection is None:
        raise NotFound("There is no such collection in this workspace.")
    return collection


def get_document(member: Member, document_id: UUID) -> Document:
    document = Document.objects.select_related("collection").filter(pk=document_id).first()
    if document is None:
        raise NotFound("There is no such document in this workspace.")
    return document


def lock_document(document_id: UUID) -> Document | None:
    return Document.objects.select_for_update().filter(pk=document_id).first()


def lock_embedder(embedder_id: UUID) -> Embedder | None:
    return Embedder.objects.select_for_update().filter(pk=embedder_id).first()
