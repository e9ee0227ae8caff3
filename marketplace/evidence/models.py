"""What runs of many workspaces add up to. Public schema; no row says whose run it was, except whose are not counted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models import ListingVersion
from tenants.rows import Row

ENOUGH_RUNS, ENOUGH_WORKSPACES = 20, 5


class Sums(models.Model):
    """Cost in US dollars, time in seconds; the middle one of all counted runs, and the one that 95 of 100 stay below."""

    version = models.ForeignKey(ListingVersion, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=120, blank=True)
    runs = models.PositiveIntegerField()
    succeeded = models.PositiveIntegerField()
    workspaces = models.PositiveIntegerField()
    cost_median = models.FloatField()
    cost_p95 = models.FloatField()
    seconds_median = models.FloatField()
    seconds_p95 = models.FloatField()
    tokens_median = models.FloatField()
    tokens_p95 = models.FloatField()

    class Meta:
        abstract = True


class RunStat(Sums, Row):
    """One day of one version on one model, as it was. For the platform alone: a day may be one workspace's."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_stat_per_version_model_and_day", fields=["version", "model", "day"]),
            models.CheckConstraint(
                name="a_stat_adds_up",
                condition=Q(
                    runs__gte=1, workspaces__gte=1, succeeded__lte=models.F("runs"), workspaces__lte=models.F("runs")
                ),
            ),
        ]
        indexes = [models.Index(name="stats_of_day", fields=["day"])]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.day}: {self.runs}"


class Cell(Sums, Row):
    """What is shown of one version: of the runs on one model, or (`model` empty) of those on all models without a cell of their own.

    A run stands in at most one cell, `since` < when it was told <= `upto`, and a cell is renewed only once enough runs of enough
    workspaces have come to it: so neither two cells nor two days of the same page leave a difference that is about few.
    """

    since = models.DateTimeField(null=True)
    upto = models.DateTimeField()
    is_shown = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_cell_per_version_and_model", fields=["version", "model"]),
            models.CheckConstraint(
                name="what_is_shown_is_of_many",
                condition=Q(is_shown=False) | Q(runs__gte=ENOUGH_RUNS, workspaces__gte=ENOUGH_WORKSPACES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.model or 'other models'}: {self.runs}"


class Withheld(Row):
    """A workspace that contributes nothing to figures."""

    tenant_id = models.UUIDField(unique=True)
    by_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.tenant_id)


class FoldMark(models.Model):
    """Up to which moment outcomes have been folded: one row, and the lock of the fold."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    upto = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_mark", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.upto)
