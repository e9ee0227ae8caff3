"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.knowledge.citations import Checked
from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from agents.knowledge.queries import LONGEST_QUERY, Passage, Standing
from agents.knowledge.searching import Found
from agents.knowledge.tool import MOST, TOP_K

LONGEST_ANSWER = 200_000


class CollectionIn(serializers.Serializer[KnowledgeCollection]):
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class CollectionOut(serializers.ModelSerializer[KnowledgeCollection]):
    class Meta:
        model = KnowledgeCollection
        fields: tuple[str, ...] = ("id", "name", "description", "created_at", "updated_at")


class CollectionLineOut(CollectionOut):
    """A collection in a list, with the sums that its row does not hold."""

    document_count = serializers.IntegerField()
    passage_count = serializers.IntegerField()
    size = serializers.IntegerField()

    class Meta(CollectionOut.Meta):
        fields = (*CollectionOut.Meta.fields, "document_count", "passage_count", "size")


class DocumentIn(serializers.Serializer[Document]):
    """A multipart form. Without a collection the file goes into “Documents”."""

    file = serializers.FileField(allow_empty_file=True)
    collection = serializers.UUIDField(required=False)


class DocumentFilter(serializers.Serializer[Document]):
    collection = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(Document.State.choices, required=False)


class DocumentOut(serializers.ModelSerializer[Document]):
    collection = serializers.UUIDField(source="collection_id")
    collection_name = serializers.CharField(source="collection.name")

    class Meta:
        model = Document
        fields = (
            "id",
            "name",
            "collection",
            "collection_name",
            "media_type",
            "size",
            "sha256",
            "state",
            "error_code",
            "error",
            "pages",
            "passage_count",
            "embedded_count",
            "embedding_error",
            "uploaded_by",
            "created_at",
            "ready_at",
        )


class ChunkOut(serializers.ModelSerializer[Chunk]):
    class Meta:
        model = Chunk
        fields = ("id", "position", "locator", "heading", "text")


class SearchIn(serializers.Serializer[Any]):
    query = serializers.CharField(max_length=LONGEST_QUERY)
    top_k = serializers.IntegerField(min_value=1, max_value=MOST, default=TOP_K)
    threshold = serializers.FloatField(min_value=0, max_value=1, default=0.0)
    collection = serializers.UUIDField(required=False)


class PassageOut(serializers.Serializer[Passage]):
    document = serializers.CharField()
    document_id = serializers.UUIDField()
    locator = serializers.CharField()
    heading = serializers.CharField()
    text = serializers.CharField()
    score = serializers.FloatField()
    chunk_id = serializers.UUIDField()


class SearchOut(serializers.Serializer[Found]):
    """`by_meaning` says whether vectors took part; `notice` why not, or for which passages not, where a model is chosen."""

    results = PassageOut(many=True, source="passages")
    by_meaning = serializers.BooleanField()
    notice = serializers.CharField()


class EmbedderIn(serializers.Serializer[Any]):
    """A provider of this workspace, or null for the operator's, and its model that makes vectors."""

    provider = serializers.UUIDField(allow_null=True)
    model = serializers.CharField(max_length=200)


class EmbedderOut(serializers.Serializer[Standing]):
    """`state` is off where no model is chosen: search goes by words alone. `error` says why it is delayed or stopped."""

    state = serializers.ChoiceField(["off", "working", "delayed", "stopped"])
    provider = serializers.UUIDField(source="embedder.connection_id", allow_null=True, default=None)
    model = serializers.CharField(source="embedder.served", default="")
    dimensions = serializers.IntegerField(source="embedder.dimensions", default=0)
    error = serializers.CharField(source="embedder.error", default="")
    passages = serializers.IntegerField()
    embedded = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Documents that the model refused; each says why.")
    is_possible = serializers.BooleanField(help_text="False where the database server has no pgvector.")


class AnswerIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST_ANSWER)


class CheckedOut(serializers.Serializer[Checked]):
    """A citation of the text: `start` and `end` frame it, `found_at` says where the quoted words really stand."""

    quote = serializers.CharField(source="citation.quote")
    document = serializers.CharField(source="citation.document")
    locator = serializers.CharField(source="citation.locator")
    start = serializers.IntegerField(source="citation.start")
    end = serializers.IntegerField(source="citation.end")
    status = serializers.ChoiceField(["verified", "not_found", "unknown_document", "unquoted"])
    found_at = serializers.CharField()


class AnswerOut(serializers.Serializer[Any]):
    citations = CheckedOut(many=True)
