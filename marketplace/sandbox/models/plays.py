"""What one play of a manifest in the sandbox leaves behind."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models

from tenants.errors import WrongState
from tenants.rows import Row


class Play(Row):
    """One manifest, carried out once on given inputs. `stage` names the copies in the sandbox while there are any."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        BROKEN = "broken", "Could not be carried out"

    ENDED: ClassVar[frozenset[str]] = frozenset({State.DONE, State.BROKEN})
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.WAITING: frozenset({State.RUNNING, State.DONE, State.BROKEN}),
        State.RUNNING: frozenset({State.DONE, State.BROKEN}),
        State.DONE: frozenset(),
        State.BROKEN: frozenset(),
    }

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    inputs = models.JSONField(default=dict)
    stage = models.JSONField(default=dict, help_text="Ids of what was made for it in the sandbox.")
    status = models.CharField(max_length=16, blank=True, help_text="How the run ended.")
    problem = models.TextField(blank=True, help_text="Why there is no result, or what it lacks.")
    output = models.TextField(blank=True)
    transcript = models.JSONField(default=list, help_text="The steps: task, agent, output, tools.")
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    seconds = models.FloatField(default=0.0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED

    def move_to(self, state: State) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(
                f"This play is {self.get_state_display().lower()}; it cannot become {state.label.lower()}."
            )
        self.state = state
