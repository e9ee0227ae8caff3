"""A workspace's chain of providers, their keys, and the answers that they gave before."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from tenants.rows import Row


class Connection(Row):
    """One link of the chain: a provider at an address. The first that is enabled is asked first."""

    class Provider(models.TextChoices):
        OPENAI = "openai", "OpenAI or compatible"
        ANTHROPIC = "anthropic", "Anthropic"
        GEMINI = "gemini", "Google Gemini"
        OLLAMA = "ollama", "Ollama"
        LLAMACPP = "llamacpp", "llama.cpp"

    name = models.CharField(max_length=80, unique=True)
    provider = models.CharField(max_length=16, choices=Provider)
    base_url = models.CharField(max_length=400, blank=True, help_text="Empty for the provider's own address.")
    model = models.CharField(max_length=200, blank=True, help_text="Asked for where an agent names none.")
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="Asked-for model to served model.")
    position = models.PositiveSmallIntegerField()
    is_enabled = models.BooleanField(default=True)
    is_private = models.BooleanField(default=False, help_text="A machine in the house: no call jumps over it.")
    requests_per_minute = models.PositiveIntegerField(default=0, help_text="0 for no limit.")
    tokens_per_minute = models.PositiveIntegerField(default=0, help_text="0 for no limit.")
    prices: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="Model to USD per million tokens, as prompt and completion."
    )

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                name="one_connection_per_position", fields=["position"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="connection_provider_is_known",
                condition=Q(provider__in=["openai", "anthropic", "gemini", "ollama", "llamacpp"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Credential(Row):
    """The key of a connection, sealed to the address that it was given for. In a table of its own, so that no list of
    connections holds it."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="credential")
    sealed = models.TextField()
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"…{self.last_four}"

    def __repr__(self) -> str:
        return f"<Credential {self.pk}>"


class Generation(models.Model):
    """A number that grows by one when everything made under the former one is void: the chain itself, or kept answers."""

    class Kind(models.TextChoices):
        CHAIN = "chain", "The chain of providers"
        ANSWERS = "answers", "All kept answers"
        MODEL = "model", "Kept answers of one model"
        PROMPT = "prompt", "Kept answers to one version of a prompt"

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200, blank=True)
    number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_generation_per_name", fields=["kind", "name"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.number}"


class CachedReply(models.Model):
    """An answer of a model, kept for a time. `place` stands for the whole question (agents.llm.cache)."""

    place = models.CharField(max_length=64, primary_key=True)
    model = models.CharField(max_length=250)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="cached_replies_by_end", fields=["expires_at"])]
        verbose_name_plural = "cached replies"

    def __str__(self) -> str:
        return self.place
