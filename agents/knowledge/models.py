"""What agents may quote: collections of documents, cut into passages that can be searched."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from agents.connections.models import Connection
from agents.knowledge.files import path_of, private_files
from agents.knowledge.reals import Reals
from tenants.errors import WrongState
from tenants.ids import uuid7
from tenants.rows import Row


class KnowledgeCollection(Row):
    """Documents that belong together; an agent is given whole collections."""

    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True, max_length=2000)

    def __str__(self) -> str:
        return self.name


class Document(Row):
    """An uploaded file. Its bytes never change; a new version is a new document."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        PARSING = "parsing", "Being read"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.RECEIVED: frozenset({State.PARSING, State.FAILED}),
        State.PARSING: frozenset({State.PARSING, State.READY, State.FAILED}),  # again, when its worker died
        State.READY: frozenset(),
        State.FAILED: frozenset({State.RECEIVED}),
    }

    collection = models.ForeignKey(KnowledgeCollection, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(storage=private_files, upload_to=path_of, max_length=200)
    state = models.CharField(max_length=16, choices=State, default=State.RECEIVED)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    pages = models.PositiveIntegerField(null=True)
    passage_count = models.PositiveIntegerField(default=0)
    embedded_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many of its passages have a vector of the workspace's embedder."
    )
    embedding_error = models.TextField(
        blank=True, default="", db_default="", help_text="Why the embedder refused it; words alone find it then."
    )
    uploaded_by_id = models.UUIDField()
    uploaded_by = models.CharField(max_length=254)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_document_of_a_name", fields=["collection", "name"]),
            models.UniqueConstraint(name="one_document_of_a_content", fields=["collection", "sha256"]),
            models.CheckConstraint(
                name="document_state_is_known", condition=Q(state__in=["received", "parsing", "ready", "failed"])
            ),
            models.CheckConstraint(name="a_failed_document_says_why", condition=~Q(state="failed") | ~Q(error="")),
            models.CheckConstraint(
                name="a_ready_document_has_passages",
                condition=~Q(state="ready") | Q(passage_count__gt=0, ready_at__isnull=False),
            ),
            models.CheckConstraint(
                name="no_more_vectors_than_passages", condition=Q(embedded_count__lte=F("passage_count"))
            ),
        ]
        indexes = [
            models.Index(name="documents_newest", fields=["-created_at", "-id"]),
            models.Index(name="documents_by_name", fields=["name"]),
        ]

    def __str__(self) -> str:
        return self.name

    def move_to(self, state: Document.State) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(
                f"“{self.name}” is {self.get_state_display().lower()}; it cannot become {state.label.lower()}."
            )
        self.state = state


class Chunk(models.Model):
    """A passage of a document, letter by letter: characters `start` onward of its section number `section`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    section = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    locator = models.CharField(max_length=160)
    heading = models.TextField(blank=True)
    text = models.TextField()
    # English stems first; the words as they stand, for names and for other languages, count least.
    search = models.GeneratedField(
        expression=SearchVector("heading", weight="A", config="english")
        + SearchVector("text", weight="B", config="english")
        + SearchVector("heading", "text", weight="D", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="one_chunk_per_position", fields=["document", "position"])]
        indexes = [GinIndex(name="chunks_search", fields=["search"])]
        ordering = ("document", "position")

    def __str__(self) -> str:
        return f"{self.document_id}, {self.locator}"


class Embedder(Row):
    """Who makes vectors of passages and of questions, for the whole workspace. Without one, search goes by words alone.

    Another model is another row: the vectors of the former one go with it, so that two models are never mixed.
    """

    class State(models.TextChoices):
        WORKING = "working", "In use"
        DELAYED = "delayed", "Delayed"
        STOPPED = "stopped", "Stopped"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.WORKING: frozenset({State.WORKING, State.DELAYED, State.STOPPED}),
        State.DELAYED: frozenset({State.WORKING, State.DELAYED, State.STOPPED}),
        State.STOPPED: frozenset({State.WORKING}),
    }

    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.PROTECT, help_text="Empty for the operator's provider."
    )
    model = models.CharField(max_length=200)
    served = models.CharField(max_length=250, help_text="As its answers name it: provider/model.")
    dimensions = models.PositiveIntegerField(help_text="Numbers in each of its vectors.")
    state = models.CharField(max_length=8, choices=State, default=State.WORKING)
    error = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row; the next attempt waits the longer.")
    is_the_one = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="there_is_one_embedder", condition=Q(is_the_one=True)),
            models.CheckConstraint(
                name="embedder_state_is_known", condition=Q(state__in=["working", "delayed", "stopped"])
            ),
            models.CheckConstraint(name="an_embedder_says_why", condition=Q(state="working") ^ ~Q(error="")),
        ]

    def __str__(self) -> str:
        return self.served

    def move_to(self, state: Embedder.State, error: str = "") -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(f"The embedder is {self.get_state_display().lower()}; it cannot be {state.label.lower()}.")
        self.state, self.error = state, error


class PassageVector(models.Model):
    """What a passage is about, as its embedder puts it: a vector of length 1, read by pgvector where it is searched.

    Plain numbers rather than pgvector's own type, so that a server without pgvector holds the same tables.
    """

    chunk = models.OneToOneField(Chunk, primary_key=True, on_delete=models.CASCADE, related_name="vector")
    embedder = models.ForeignKey(Embedder, on_delete=models.CASCADE, related_name="vectors")
    numbers = Reals()

    def __str__(self) -> str:
        return f"Vector of {self.chunk_id}"


class EmbeddingDay(models.Model):
    """What was asked of a model for vectors in one day (UTC), passages and questions together."""

    day = models.DateField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    calls = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_embedding_day_per_model", fields=["day", "provider", "model"])]

    def __str__(self) -> str:
        return f"{self.day}, {self.provider}/{self.model}"
