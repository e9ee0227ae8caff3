"""What somebody tells the platform about a thing on the market."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, IntegerField, Q
from django.db.models.lookups import Exact

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models.reasons import ReasonCode
from marketplace.moderation.models.task import ReviewTask
from tenants.rows import Row


class Report(Row):
    """One report of a listing, a publisher or a review; `version` is which one of a listing was looked at."""

    class State(models.TextChoices):
        OPEN = "open", "Being read"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Nothing was found"

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="reports", null=True, blank=True)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="reports", null=True, blank=True)
    review_id = models.UUIDField(null=True, blank=True)
    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reporter_id = models.UUIDField()
    reporter_name = models.CharField(max_length=254)
    tenant_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=ReasonCode)
    text = models.TextField()
    run_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    outcome_note = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    task = models.ForeignKey(ReviewTask, on_delete=models.PROTECT, related_name="reports", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="report_has_one_target",
                condition=Exact(
                    Func("listing", "publisher", "review_id", function="num_nonnulls", output_field=IntegerField()), 1
                ),
            ),
            models.CheckConstraint(
                name="report_state_is_known", condition=Q(state__in=["open", "confirmed", "dismissed"])
            ),
            models.CheckConstraint(name="report_reason_is_known", condition=Q(reason__in=ReasonCode.values)),
            models.CheckConstraint(
                name="decided_report_has_a_date", condition=Q(state="open") | Q(decided_at__isnull=False)
            ),
            models.UniqueConstraint(
                name="one_open_report_per_person_and_target",
                fields=["reporter_id", "listing", "publisher", "review_id"],
                condition=Q(state="open"),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(name="reports_of_a_person", fields=["reporter_id", "-created_at"]),
            models.Index(name="report_newest", fields=["state", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, reported by {self.reporter_name}"
