"""What people are told, and by which mails. It stands in the public schema, as it is a person's, not a workspace's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.models import Tenant, User
from tenants.rows import Row

LONGEST_TITLE = 160
LONGEST_TEXT = 4000
LONGEST_URL = 500


class Kind(models.TextChoices):
    """What a message is about. A person chooses for each kind whether it also comes by mail."""

    DECISION = "decision", "Decisions about your listings"
    APPEAL = "appeal", "Appeals"
    INSTALLATION = "installation", "Installations that wait for your yes"
    UPDATE_AVAILABLE = "update_available", "Updates of what is installed"
    PULLED = "pulled", "Listings that were stopped"
    RESTORED = "restored", "Listings that go on"
    HEALTH = "health", "How well your listings work"
    REVIEW = "review", "Reviews of your listings"
    REVIEW_REPLY = "review_reply", "Answers to your reviews"
    REPORT_OUTCOME = "report_outcome", "What came of your reports"
    VIOLATION = "violation", "Broken permissions"
    QUESTION = "question", "Questions that runs ask you"


class Notification(Row):
    """One message to one person. `url` is a path from the host's root, for the site puts its own address before it.

    `fingerprint` says what makes two messages the same one; a person gets each once. `mail` is where its mail stands:
    a waiting one is due at `mail_due_at`, which every try puts off.
    """

    class Mail(models.TextChoices):
        NONE = "none", "Not by mail"
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", null=True)
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=LONGEST_TITLE)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=LONGEST_URL)
    fingerprint = models.CharField(max_length=64)
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.NONE)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_person_is_told_once", fields=["user", "fingerprint"]),
            models.CheckConstraint(name="notification_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="notification_leads_nowhere_else", condition=Q(url__startswith="/") & ~Q(url__startswith="//")
            ),
            models.CheckConstraint(
                name="a_waiting_mail_is_due", condition=~Q(mail="waiting") | Q(mail_due_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="notification_newest", fields=["user", "-created_at", "-id"]),
            models.Index(name="notification_unread", fields=["user"], condition=Q(read_at__isnull=True)),
            models.Index(name="notification_mail_due", fields=["mail_due_at"], condition=Q(mail="waiting")),
            models.Index(name="notification_oldest", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return self.title


class NoMail(Row):
    """A kind of message that a person does not want by mail."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_refusal_per_person_and_kind", fields=["user", "kind"]),
            models.CheckConstraint(name="refused_kind_is_known", condition=Q(kind__in=Kind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} wants no mail of {self.kind}"
