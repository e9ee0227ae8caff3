"""What was decided, by whom, why, and what it changed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BooleanField, F, Func, IntegerField, Q, Value
from django.db.models.lookups import GreaterThan

from marketplace.moderation.models.policy import Policy
from marketplace.moderation.models.targets import Targeted, exactly_one
from marketplace.moderation.models.task import ReviewTask

REAL_EVIDENCE = '$[*] ? (@.path != "" || @.quote != "" || @.note != "")'


class Decision(Targeted):
    """A judgement. What it says never changes afterwards (a trigger sees to that); what happened to it is noted beside.

    One that goes against somebody always carries its reasons, evidence, rule, explanation and the way to appeal: the
    database stores no other. `evidence` is [{"path", "quote", "note"}]. `prior_state` is what executing it changed, so that
    it can be put back. A `held` one is carried out only after a second person confirmed it. `content_digest` is what was read.
    """

    class Action(models.TextChoices):
        APPROVE = "approve", "Approve"
        REQUEST_CHANGES = "request_changes", "Request changes"
        REJECT = "reject", "Reject"
        PULL = "pull", "Pull from the market"
        RESTORE = "restore", "Restore"
        WARN = "warn", "Warn"
        RESTRICT = "restrict", "Restrict"
        BAN = "ban", "Ban"
        SUSPEND = "suspend", "Suspend"
        REINSTATE = "reinstate", "Reinstate"
        DISMISS = "dismiss", "Nothing to be done"
        UPHOLD = "uphold", "Uphold"

    class Source(models.TextChoices):
        AUTOMATION = "automation", "Automatic"
        MODERATOR = "moderator", "A moderator"
        SECOND_LEVEL = "second_level", "Decided on appeal"

    ADVERSE: ClassVar[frozenset[str]] = frozenset(
        {Action.REQUEST_CHANGES, Action.REJECT, Action.PULL, Action.WARN, Action.RESTRICT, Action.BAN, Action.SUSPEND}
    )

    task = models.ForeignKey(ReviewTask, on_delete=models.PROTECT, related_name="decisions", null=True, blank=True)
    action = models.CharField(max_length=20, choices=Action)
    severity = models.CharField(max_length=8, blank=True, help_text="Of a pull: soft or hard.")
    reason_codes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    evidence = models.JSONField(default=list)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    policy_text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    private_note = models.TextField(blank=True)
    content_digest = models.CharField(max_length=71, blank=True)
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=254)
    source = models.CharField(max_length=16, choices=Source)
    held = models.BooleanField(default=False)
    held_reason = models.CharField(max_length=200, blank=True)
    confirmed_by_id = models.UUIDField(null=True, blank=True)
    confirmed_by_name = models.CharField(max_length=254, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    execute_at = models.DateTimeField()
    executed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by_id = models.UUIDField(null=True, blank=True)
    undone_why = models.CharField(max_length=200, blank=True)
    override_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="overridden_by", null=True, blank=True
    )
    prior_state = models.JSONField(default=dict)
    appeal_token = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            exactly_one("decision_has_one_target"),
            models.CheckConstraint(
                name="decision_action_is_known",
                condition=Q(
                    action__in=[
                        "approve", "request_changes", "reject", "pull", "restore", "warn", "restrict", "ban", "suspend",
                        "reinstate", "dismiss", "uphold",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="decision_source_is_known", condition=Q(source__in=["automation", "moderator", "second_level"])
            ),
            models.CheckConstraint(
                name="adverse_decision_gives_reasons",
                condition=~Q(action__in=["request_changes", "reject", "pull", "warn", "restrict", "ban", "suspend"])
                | (
                    Q(reason_codes__len__gt=0)
                    & Q(policy__isnull=False, appeal_token__isnull=False)
                    & Q(reasoning__regex=r"\S")
                    & Q(policy_text__regex=r"\S")
                    & GreaterThan(
                        Func("evidence", function="jsonb_array_length", output_field=IntegerField()), Value(0)
                    )
                    & Q(
                        Func(
                            "evidence",
                            Value(REAL_EVIDENCE),
                            function="jsonb_path_exists",
                            template="%(function)s(%(expressions)s::jsonpath)",
                            output_field=BooleanField(),
                        )
                    )
                ),
            ),
            models.CheckConstraint(
                name="decision_of_a_person_names_them",
                condition=Q(source="automation", decided_by_id__isnull=True)
                | (~Q(source="automation") & Q(decided_by_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="held_decision_waits_for_a_second_person",
                condition=Q(held=False) | Q(executed_at__isnull=True) | Q(confirmed_by_id__isnull=False),
            ),
            models.CheckConstraint(
                name="second_person_is_another",
                condition=Q(confirmed_by_id__isnull=True)
                | Q(decided_by_id__isnull=True)
                | ~Q(confirmed_by_id=F("decided_by_id")),
            ),
            models.CheckConstraint(
                name="approval_binds_the_content",
                condition=~Q(action="approve", version__isnull=False) | ~Q(content_digest=""),
            ),
            models.CheckConstraint(
                name="pull_says_how_hard",
                condition=Q(action="pull", severity__in=["soft", "hard"]) | (~Q(action="pull") & Q(severity="")),
            ),
            models.UniqueConstraint(
                name="one_verdict_per_task", fields=["task"], condition=Q(undone_at__isnull=True)
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                name="decision_due",
                fields=["execute_at"],
                condition=Q(executed_at__isnull=True, undone_at__isnull=True),
            ),
            models.Index(name="decision_newest", fields=["-created_at"]),
            models.Index(name="decision_of_version", fields=["version"]),
            models.Index(name="decision_of_listing", fields=["listing"]),
            models.Index(name="decision_of_publisher", fields=["publisher"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} by {self.decided_by_name}"

    @property
    def is_adverse(self) -> bool:
        return self.action in self.ADVERSE

    @property
    def is_pending(self) -> bool:
        return self.executed_at is None and self.undone_at is None
