"""The rules that are judged by, and words that stand ready for explaining them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.moderation.models.reasons import ReasonCode
from tenants.rows import Row


class Policy(Row):
    """One rule of the market. A decision keeps the text as it was on the day."""

    code = models.SlugField(max_length=50, unique=True)
    number = models.CharField(max_length=10, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [models.CheckConstraint(name="policy_says_something", condition=~Q(text="") & ~Q(title=""))]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CannedText(Row):
    """A paragraph for the author, ready to be filled in. `{path}` and the like are for the reviewer to replace."""

    reason_code = models.CharField(max_length=20, choices=ReasonCode)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="canned_texts")
    title = models.CharField(max_length=120)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_canned_text_per_title", fields=["reason_code", "title"]),
            models.CheckConstraint(name="canned_reason_is_known", condition=Q(reason_code__in=ReasonCode.values)),
        ]

    def __str__(self) -> str:
        return self.title
