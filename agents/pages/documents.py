"""Pages about what agents may quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from agents.connections.queries import connections
from agents.knowledge import access, queries, searching, services
from agents.knowledge.models import Document, KnowledgeCollection
from agents.knowledge.parsing import KINDS, MAX_BYTES
from agents.knowledge.queries import Passage
from tenants.access import Member, Role
from tenants.errors import DomainError, Invalid
from tenants.pages import WorkspacePage

MOST_AT_ONCE = 20
MOST_LISTED = 200
PASSAGES_PER_PAGE = 50
RESULTS = 6
PENDING = {Document.State.RECEIVED, Document.State.PARSING}
UNMARKED = frozenset(  # too common to show anything
    re.findall(
        r"\w+",
        "about also does from have here into many more most much only over same some such than that them then there these "
        "they this those very what when where which while will with your",
    )
)
EXTENSIONS = [extension for kind in KINDS for extension in kind.extensions]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by the test search; its words of the question are marked."""

    document: str
    document_id: UUID
    locator: str
    percent: int
    text: SafeString


class DocumentsPage(WorkspacePage):
    """Upload, list, try the search."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        files = request.FILES.getlist("files")
        try:
            if not 1 <= len(files) <= MOST_AT_ONCE:
                raise Invalid(f"Choose one file, or up to {MOST_AT_ONCE} at once.")
            collection = _collection(self.member, request.POST.get("collection", ""))
        except DomainError as refusal:
            return self._answer(request, errors=[refusal.detail], status=refusal.status)
        kept, refusals = _upload_all(files, collection, self.member)
        if kept:
            messages.success(request, f"{_counted(kept)} received. Agents can quote a document once it says Ready.")
        if refusals:
            return self._answer(request, errors=[refusal.detail for refusal in refusals], status=refusals[0].status)
        return redirect("agents:documents")

    def _answer(
        self, request: HttpRequest, *, errors: list[str] | None = None, status: int = 200, typed: str = ""
    ) -> HttpResponse:
        documents = list(queries.documents().order_by("-created_at", "-id")[:MOST_LISTED])
        question = request.GET.get("q", "").strip()[: queries.LONGEST_QUERY]
        collections = list(queries.collections().order_by("name"))
        found = searching.search(question, top_k=RESULTS) if question else None
        return self.render(
            "agents/documents.html",
            status=status,
            documents=documents,
            collections=collections,
            used=sum(collection.size for collection in collections),  # type: ignore[attr-defined]
            room=services.WORKSPACE_MOST_BYTES,
            most_bytes=MAX_BYTES,
            extensions=EXTENSIONS,
            errors=errors or [],
            is_pending=any(document.state in PENDING for document in documents),
            has_ready=any(document.state == Document.State.READY for document in documents),
            question=question,
            found=found,
            hits=None if found is None else _hits(question, found.passages),
            meaning=queries.standing(),
            may_choose=(may_choose := self.member.may(Role.ADMIN)),
            providers=list(connections()) if may_choose else [],
            typed=typed,
            may_build=self.member.may(Role.OPERATOR),
            socket=f"{get_script_prefix()}ws/",
        )


def _collection(member: Member, chosen: str) -> KnowledgeCollection:
    if not chosen:
        return services.default_collection(by=member)
    try:
        return access.get_collection(member, forms.UUIDField().clean(chosen))
    except forms.ValidationError:
        raise Invalid("Choose a collection from the list.") from None


def _upload_all(
    files: list[UploadedFile[bytes]], collection: KnowledgeCollection, by: Member
) -> tuple[int, list[DomainError]]:
    """Keep what can be kept: (how many, why the others were refused)."""
    refusals: list[DomainError] = []
    for file in files:
        try:
            services.upload_document(collection=collection, name=file.name or "", stream=file, by=by)
        except DomainError as refusal:
            refusals.append(refusal)
    return len(files) - len(refusals), refusals


def _counted(documents: int) -> str:
    return "1 document" if documents == 1 else f"{documents} documents"


def _hits(question: str, passages: list[Passage]) -> list[Hit]:
    words = {word.casefold() for word in re.findall(r"\w{4,}|\d+", question)} - UNMARKED
    return [
        Hit(found.document, found.document_id, found.locator, round(found.score * 100), marked(found.text, words))
        for found in passages
    ]


def marked(text: str, words: set[str]) -> SafeString:
    """Text with the words of the question, and what begins like them, in <mark>."""

    def pieces() -> Iterator[str]:
        for piece in re.split(r"(\w+)", text):
            safe = escape(piece)
            yield f"<mark>{safe}</mark>" if _fits(piece.casefold(), words) else safe

    return mark_safe("".join(pieces()))  # noqa: S308 - every piece is escaped


def _fits(piece: str, words: set[str]) -> bool:
    return piece in words or any(len(word) > 4 and piece.startswith(word[:-1]) for word in words)


class DocumentPage(WorkspacePage):
    """A document's passages, as agents find them; a citation leads to its passage."""

    def get(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        document = access.get_document(self.member, document_id)
        start = _start(request, document)
        passages = queries.passages_of(document)[start : start + PASSAGES_PER_PAGE]
        return self.render(
            "agents/document.html",
            document=document,
            passages=passages,
            before=start - PASSAGES_PER_PAGE if start else None,
            after=start + PASSAGES_PER_PAGE if start + PASSAGES_PER_PAGE < document.passage_count else None,
            may_build=self.member.may(Role.OPERATOR),
        )


def _start(request: HttpRequest, document: Document) -> int:
    """The first passage of the page that holds number `passage`."""
    given = request.GET.get("passage", "0")
    wanted = int(given) if given.isascii() and given.isdecimal() and len(given) < 8 else 0
    return min(wanted, max(document.passage_count - 1, 0)) // PASSAGES_PER_PAGE * PASSAGES_PER_PAGE


class DeleteDocumentPage(WorkspacePage):
    def post(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        document = access.get_document(self.member, document_id)
        services.delete_document(document=document, by=self.member)
        messages.success(request, f"“{document.name}” is deleted, with everything that was made from it.")
        return redirect("agents:documents")


class RetryDocumentPage(WorkspacePage):
    def post(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        services.retry_document(document=access.get_document(self.member, document_id), by=self.member)
        return redirect("agents:documents")
