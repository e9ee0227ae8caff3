"""Collections, documents, search and the check of citations for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents.connections.access import get_connection
from agents.knowledge import access, choosing, queries, searching, services
from agents.knowledge.checking import citations_of
from agents.knowledge.models import Document
from agents.knowledge.parsing import MAX_BYTES
from agents.knowledge.serializers import (
    AnswerIn,
    AnswerOut,
    ChunkOut,
    CollectionIn,
    CollectionLineOut,
    CollectionOut,
    DocumentFilter,
    DocumentIn,
    DocumentOut,
    EmbedderIn,
    EmbedderOut,
    SearchIn,
    SearchOut,
)
from tenants.access import require_admin
from tenants.api import WorkspaceView

ENVELOPE_BYTES = 64 * 1024  # what a multipart form adds to its file


class CollectionsView(WorkspaceView):
    """Collections of documents."""

    @extend_schema(operation_id="collections_list", responses=CollectionLineOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.collections(), CollectionLineOut)

    @extend_schema(operation_id="collections_create", request=CollectionIn, responses={201: CollectionOut})
    def post(self, request: Request) -> Response:
        return self.answer(services.create_collection(**self.read(CollectionIn), by=self.member), CollectionOut, 201)


class CollectionView(WorkspaceView):
    """One collection. Deleting it deletes its documents; refused while an agent searches it."""

    @extend_schema(operation_id="collections_read", responses=CollectionOut)
    def get(self, request: Request, collection_id: UUID) -> Response:
        return self.answer(access.get_collection(self.member, collection_id), CollectionOut)

    @extend_schema(operation_id="collections_update", request=CollectionIn, responses=CollectionOut)
    def patch(self, request: Request, collection_id: UUID) -> Response:
        collection = self.check_match(access.get_collection(self.member, collection_id), CollectionOut)
        changes = self.read(CollectionIn, partial=True)
        return self.answer(services.update_collection(collection=collection, **changes, by=self.member), CollectionOut)

    @extend_schema(operation_id="collections_delete", responses={204: None})
    def delete(self, request: Request, collection_id: UUID) -> Response:
        collection = self.check_match(access.get_collection(self.member, collection_id), CollectionOut)
        services.delete_collection(collection=collection, by=self.member)
        return Response(status=204)


class CountedUpload(FileUploadHandler):
    """Stops a file that grows beyond the limit while it arrives; what came so far is dropped."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._seen = 0
        self.too_large = ""  # the name of the file that was stopped

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._seen += len(raw_data)
        if self._seen > MAX_BYTES:
            self.too_large = self.file_name or "The file"
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class DocumentsView(WorkspaceView):
    """Documents, and the upload of one: txt, md, pdf, docx, html or csv, up to 25 MB, read in the background."""

    parser_classes = (MultiPartParser,)

    def admit(self, request: Request) -> None:
        """Refuse a body that is too large before any of it is read."""
        super().admit(request)
        length = request.headers.get("Content-Length", "0")
        if length.isdecimal() and int(length) > MAX_BYTES + ENVELOPE_BYTES:
            raise services.too_large("This upload", int(length))
        self._counted = CountedUpload(request._request)
        if not hasattr(request._request, "_files"):  # with a session, the check of its token has read the form already
            request._request.upload_handlers.insert(0, self._counted)

    @extend_schema(
        operation_id="documents_list",
        responses=DocumentOut(many=True),
        parameters=[
            OpenApiParameter("collection", OpenApiTypes.UUID),
            OpenApiParameter("state", str, enum=Document.State.values),
        ],
    )
    def get(self, request: Request) -> Response:
        given = DocumentFilter(data=self.filters({"collection", "state"}))
        given.is_valid(raise_exception=True)
        return self.page(queries.documents(**given.validated_data), DocumentOut)

    @extend_schema(
        operation_id="documents_upload", request={"multipart/form-data": DocumentIn}, responses={202: DocumentOut}
    )
    def post(self, request: Request) -> Response:
        if request.data is not None and self._counted.too_large:
            raise services.too_large(self._counted.too_large, None)
        given = self.read(DocumentIn)
        document = services.upload_document(
            collection=self._collection(given.get("collection")),
            name=given["file"].name,
            stream=given["file"],
            by=self.member,
        )
        return self.answer(document, DocumentOut, 202)

    def _collection(self, collection_id: UUID | None) -> Any:
        return (
            access.get_collection(self.member, collection_id)
            if collection_id
            else services.default_collection(by=self.member)
        )


class DocumentView(WorkspaceView):
    """One document. `state` goes from received over parsing to ready or failed; `error` says why it failed."""

    @extend_schema(operation_id="documents_read", responses=DocumentOut)
    def get(self, request: Request, document_id: UUID) -> Response:
        return self.answer(access.get_document(self.member, document_id), DocumentOut)

    @extend_schema(operation_id="documents_delete", responses={204: None})
    def delete(self, request: Request, document_id: UUID) -> Response:
        services.delete_document(document=access.get_document(self.member, document_id), by=self.member)
        return Response(status=204)


class DocumentContentView(WorkspaceView):
    """The file as it was uploaded, always as a download."""

    @extend_schema(operation_id="documents_content", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, document_id: UUID) -> HttpResponseBase:
        document = access.get_document(self.member, document_id)
        response = FileResponse(
            document.file.open("rb"), as_attachment=True, filename=document.name, content_type=document.media_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


class DocumentPassagesView(WorkspaceView):
    """What was read of a document, in order, each passage with its place."""

    @extend_schema(operation_id="documents_passages", responses=ChunkOut(many=True))
    def get(self, request: Request, document_id: UUID) -> Response:
        self.filters(())
        document = access.get_document(self.member, document_id)
        return self.page(queries.passages_of(document), ChunkOut, ordering=("position",))


class RetryDocumentView(WorkspaceView):
    """Read a failed document again."""

    @extend_schema(operation_id="documents_retry", request=None, responses={202: DocumentOut})
    def post(self, request: Request, document_id: UUID) -> Response:
        document = services.retry_document(document=access.get_document(self.member, document_id), by=self.member)
        return self.answer(document, DocumentOut, 202)


class SearchView(WorkspaceView):
    """The passages that answer a question best. Quotation marks and a minus work as in a web search."""

    @extend_schema(operation_id="knowledge_search", request=SearchIn, responses=SearchOut)
    def post(self, request: Request) -> Response:
        given = self.read(SearchIn)
        collection = given.pop("collection", None)
        wanted = [access.get_collection(self.member, collection).pk] if collection else None
        return Response(SearchOut(searching.search(given.pop("query"), collection_ids=wanted, **given)).data)


class EmbedderView(WorkspaceView):
    """Who makes the vectors by which passages are found whose words are others than the question's."""

    @extend_schema(operation_id="embedder_read", responses=EmbedderOut)
    def get(self, request: Request) -> Response:
        self.filters(())
        return Response(EmbedderOut(queries.standing()).data)

    @extend_schema(operation_id="embedder_choose", request=EmbedderIn, responses=EmbedderOut)
    def put(self, request: Request) -> Response:
        """Ask it once; when it answers, every passage is embedded in the background. Another model than before begins anew."""
        require_admin(self.member)
        given = self.read(EmbedderIn)
        chosen = given["provider"] and get_connection(self.member, given["provider"])
        choosing.choose_embedder(connection=chosen, model=given["model"], by=self.member)
        return Response(EmbedderOut(queries.standing()).data)

    @extend_schema(operation_id="embedder_drop", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Search by words alone again; the vectors are deleted."""
        choosing.drop_embedder(by=self.member)
        return Response(status=204)


class RetryEmbedderView(WorkspaceView):
    """Go on at once where it is delayed or stopped, also with documents that it refused."""

    @extend_schema(operation_id="embedder_retry", request=None, responses={202: EmbedderOut})
    def post(self, request: Request) -> Response:
        choosing.try_again(by=self.member)
        return Response(EmbedderOut(queries.standing()).data, status=202)


class CitationsView(WorkspaceView):
    """Checks every quotation of a text against the documents of this workspace."""

    @extend_schema(operation_id="knowledge_citations", request=AnswerIn, responses=AnswerOut)
    def post(self, request: Request) -> Response:
        return Response(AnswerOut({"citations": citations_of(self.read(AnswerIn)["text"])}).data)
