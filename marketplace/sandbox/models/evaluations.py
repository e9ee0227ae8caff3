"""A version's own cases, carried out by the platform before anybody installs it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.models import ListingVersion
from marketplace.sandbox.models.plays import Play
from tenants.errors import WrongState
from tenants.rows import Row


class EvaluationRun(Row):
    """All cases of one version, each as often as its manifest says. `suite` is the digest of the cases alone.

    Rates are shares from 0 to 1; the interval is Wilson's at 95 %. Cost in US dollars, `seconds` from start to end of one case.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Not evaluated"

    ENDED: ClassVar[frozenset[str]] = frozenset({State.DONE, State.SKIPPED})
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.WAITING: frozenset({State.RUNNING, State.SKIPPED}),
        State.RUNNING: frozenset({State.DONE}),
        State.DONE: frozenset(),
        State.SKIPPED: frozenset(),
    }

    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="evaluations")
    digest = models.CharField(max_length=71, help_text="Of the manifest that was evaluated.")
    suite = models.CharField(max_length=71)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    note = models.TextField(blank=True, help_text="What holds it up, or why it was not carried out.")
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    n = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True, help_text="The share that passed, by the weights of the cases.")
    threshold = models.FloatField()
    pass_rate = models.FloatField(null=True)
    ci_low = models.FloatField(null=True)
    ci_high = models.FloatField(null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    cost_p50 = models.FloatField(null=True)
    cost_p95 = models.FloatField(null=True)
    seconds_p50 = models.FloatField(null=True)
    seconds_p95 = models.FloatField(null=True)
    tokens_p50 = models.FloatField(null=True)
    tokens_p95 = models.FloatField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evaluation_state_is_known", condition=Q(state__in=["waiting", "running", "done", "skipped"])
            ),
            models.UniqueConstraint(
                name="one_evaluation_under_way", fields=["version"], condition=Q(state__in=["waiting", "running"])
            ),
            models.CheckConstraint(
                name="a_done_evaluation_has_a_rate",
                condition=~Q(state="done") | Q(pass_rate__isnull=False, n__gt=0, ended_at__isnull=False),
            ),
            models.CheckConstraint(name="a_skipped_evaluation_says_why", condition=~Q(state="skipped") | ~Q(note="")),
            models.CheckConstraint(name="no_more_passed_than_tried", condition=Q(passed__lte=models.F("n"))),
        ]
        indexes = [models.Index(name="evaluations_newest", fields=["version", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.passed} of {self.n}"

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def is_good(self) -> bool:
        """Whether the cases passed as often as the manifest promises."""
        return self.state == self.State.DONE and self.score is not None and self.score >= self.threshold

    def move_to(self, state: State) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(f"This evaluation is {self.get_state_display().lower()} already.")
        self.state = state


class EvaluationCase(Play):
    """One case, carried out once. `findings` are the expectations that did not hold."""

    evaluation = models.ForeignKey(EvaluationRun, on_delete=models.CASCADE, related_name="cases")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    repeat = models.PositiveSmallIntegerField(default=1)
    weight = models.FloatField(default=1.0)
    passed = models.BooleanField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ("position", "repeat")
        constraints = [
            models.UniqueConstraint(name="one_row_per_case_and_repeat", fields=["evaluation", "position", "repeat"]),
            models.CheckConstraint(
                name="case_state_is_known", condition=Q(state__in=["waiting", "running", "done", "broken"])
            ),
            models.CheckConstraint(
                name="an_ended_case_has_a_verdict",
                condition=Q(state__in=["waiting", "running"]) | Q(passed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.repeat})"
