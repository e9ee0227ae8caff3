"""What a workspace, a project, a crew or a run may spend, and what of it is spent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from projects.budgets.amounts import Amounts, Limits
from projects.models import Run
from tenants.rows import Row

ALWAYS = date(1970, 1, 1)  # where a period without an end begins
WARN_AT = 80


class AtLimit(models.TextChoices):
    """What happens to a run whose next call does not fit any more."""

    STOP = "stop", "Stop the run"
    ASK = "ask", "Ask an admin"


class Budget(Row):
    """A bound that somebody set, in total or for each calendar month (UTC); a measure without a number is not bounded."""

    class Scope(models.TextChoices):
        WORKSPACE = "workspace", "The workspace"
        PROJECT = "project", "A project"
        CREW = "crew", "A crew or agent"
        RUN = "run", "One run"

    class Period(models.TextChoices):
        TOTAL = "total", "In total"
        MONTH = "month", "Each month"

    MOST_USD: ClassVar[Decimal] = Decimal(1_000_000)
    MOST_TOKENS: ClassVar[int] = 10**12
    MOST_CALLS: ClassVar[int] = 10**9

    scope = models.CharField(max_length=16, choices=Scope)
    scope_id = models.UUIDField(null=True, help_text="The project, crew, agent or run; empty for the workspace.")
    scope_name = models.CharField(max_length=160, blank=True, help_text="Its name when the budget was made.")
    period = models.CharField(max_length=16, choices=Period, default=Period.MONTH)
    usd = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    tokens = models.BigIntegerField(null=True)
    model_calls = models.BigIntegerField(null=True)
    at_limit = models.CharField(max_length=8, choices=AtLimit, default=AtLimit.STOP)
    warn_at = models.PositiveSmallIntegerField(
        default=WARN_AT, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text="Percent."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_budget_per_scope_and_period", fields=["scope", "scope_id", "period"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="a_budget_has_a_scope", condition=Q(scope="workspace", scope_id=None) | Q(scope_id__isnull=False)
            ),
            models.CheckConstraint(
                name="a_budget_bounds_something",
                condition=Q(usd__isnull=False) | Q(tokens__isnull=False) | Q(model_calls__isnull=False),
            ),
            models.CheckConstraint(name="budget_at_limit_is_known", condition=Q(at_limit__in=["stop", "ask"])),
        ]

    def __str__(self) -> str:
        return f"{self.scope_name or 'Workspace'}, {self.get_period_display().lower()}"

    @property
    def limits(self) -> Limits:
        return Limits(self.usd, self.tokens, self.model_calls)


class Account(Row):
    """What is used, and what is set aside for calls under way, of one budget in one period; or of one run's own limits."""

    class Source(models.TextChoices):
        BUDGET = "budget", "A budget"
        RUN = "run", "What the run may use"
        CREW = "crew", "What its crew may use in one run"

    source = models.CharField(max_length=8, choices=Source)
    budget = models.ForeignKey(Budget, null=True, on_delete=models.CASCADE, related_name="accounts")
    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="accounts")
    starts = models.DateField(default=ALWAYS)
    usd_limit = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    tokens_limit = models.BigIntegerField(null=True)
    model_calls_limit = models.BigIntegerField(null=True)
    usd_more = models.DecimalField(
        max_digits=14, decimal_places=6, default=Decimal(0), help_text="Allowed once, on top."
    )
    tokens_more = models.BigIntegerField(default=0)
    model_calls_more = models.BigIntegerField(default=0)
    usd_used = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    tokens_used = models.BigIntegerField(default=0)
    model_calls_used = models.BigIntegerField(default=0)
    usd_reserved = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    tokens_reserved = models.BigIntegerField(default=0)
    model_calls_reserved = models.BigIntegerField(default=0)
    at_limit = models.CharField(max_length=8, choices=AtLimit, default=AtLimit.STOP)
    warn_at = models.PositiveSmallIntegerField(default=WARN_AT)
    warned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_account_per_period", fields=["budget", "starts"], condition=Q(budget__isnull=False)
            ),
            models.UniqueConstraint(
                name="one_account_per_run", fields=["run", "source"], condition=Q(run__isnull=False)
            ),
            models.CheckConstraint(
                name="an_account_has_one_owner",
                condition=Q(source="budget", budget__isnull=False, run=None)
                | Q(source__in=["run", "crew"], budget=None, run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} since {self.starts}"

    @property
    def limits(self) -> Limits:
        """The bounds of this period, with what was allowed on top."""
        return Limits(
            None if self.usd_limit is None else self.usd_limit + self.usd_more,
            None if self.tokens_limit is None else self.tokens_limit + self.tokens_more,
            None if self.model_calls_limit is None else self.model_calls_limit + self.model_calls_more,
        )

    @property
    def used(self) -> Amounts:
        return Amounts(self.usd_used, self.tokens_used, self.model_calls_used)

    @property
    def reserved(self) -> Amounts:
        return Amounts(self.usd_reserved, self.tokens_reserved, self.model_calls_reserved)


class Reservation(Row):
    """Set aside for one call under way. It counts while the lease of whoever calls holds, and no longer."""

    kind = models.CharField(max_length=32)
    object_id = models.UUIDField(db_index=True)
    fence = models.PositiveIntegerField()
    key = models.CharField(max_length=300)
    accounts: ArrayField[list[object], list[object]] = ArrayField(models.UUIDField())
    usd = models.DecimalField(max_digits=14, decimal_places=6)
    tokens = models.BigIntegerField()
    model_calls = models.BigIntegerField()

    def __str__(self) -> str:
        return self.key


class BudgetWarning(Row):
    """A budget passed its mark, once in its period."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="warnings")
    run_id = models.UUIDField(null=True, help_text="The run whose call it was.")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text
