"""What a play leaves in the database, step by step, and what people have left there for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from simulations import recording
from simulations.engine.hybrid import StepResult
from simulations.engine.intervening import InterventionRefused
from simulations.engine.recording import Entry
from simulations.execution import saying
from simulations.execution.acts import act_of
from simulations.execution.building import Built
from simulations.models import Checkpoint, Decision, Hello, Intervention, Simulation
from simulations.ports.answers import columns_of

KEPT_EVERY = 50  # steps between checkpoints that stay, for branches to begin from
MOST_KEPT_BYTES = 20_000_000


class Store:
    """The steps that were played and not stored yet. All methods that write want the row locked by the caller."""

    def __init__(self, simulation: Simulation, built: Built) -> None:
        self._built = built
        self._engine = built.engine
        self._unstored: list[StepResult] = [] if simulation.digest else [built.engine.latest]

    def __len__(self) -> int:
        return len(self._unstored)

    def add(self, result: StepResult) -> None:
        self._unstored.append(result)

    def write(self, simulation: Simulation) -> None:
        """Steps, decisions, counts and the checkpoint that belongs to them."""
        fresh = self._built.log.fresh()
        Decision.objects.bulk_create([_row(simulation, entry) for entry in fresh], ignore_conflicts=True)
        if not self._unstored:
            return
        if not simulation.digest:
            Hello.objects.update_or_create(simulation=simulation, defaults={"content": self._engine.hello()})
        recording.append(simulation, [recording.picture(result) for result in self._unstored])
        saying.keep(simulation, self._unstored)
        self._count(simulation)
        self._keep_checkpoint(simulation)
        simulation.save(update_fields=[*_KEPT, "updated_at"])
        self._unstored.clear()

    def take_up(self, simulation: Simulation) -> None:
        """Stamp what people did meanwhile with the next step, and tell the engine."""
        step = self._engine.step_number + 1
        for found in Intervention.objects.filter(simulation=simulation, step=None).order_by("number"):
            found.step = step
            found.save(update_fields=["step", "updated_at"])
            with suppress(
                InterventionRefused
            ):  # what it was meant for is gone by now: it stands on record, and nothing happens
                self._engine.intervene(act_of(found))

    def _count(self, simulation: Simulation) -> None:
        latest = self._unstored[-1]
        simulation.step, simulation.digest, simulation.metrics = latest.step, latest.digest, dict(latest.metrics)
        simulation.decisions = _added(simulation.decisions, self._unstored)
        simulation.fallbacks += sum(sum(result.fallbacks.values()) for result in self._unstored)
        simulation.refused += sum(result.refused for result in self._unstored)
        simulation.waiting = None

    def _keep_checkpoint(self, simulation: Simulation) -> None:
        """The newest takes the place of the one before it, which stays every 50 steps."""
        newest = Checkpoint.objects.filter(simulation=simulation, newest=True)
        body, step = self._engine.snapshot(), simulation.step
        if len(body) * (step // KEPT_EVERY) < MOST_KEPT_BYTES:
            newest.filter(step__lt=step - step % KEPT_EVERY).update(newest=False)
        if simulation.branched_at is not None:
            newest.filter(step=simulation.branched_at).update(newest=False)  # there a replay of the branch begins
        Checkpoint.objects.update_or_create(simulation=simulation, newest=True, defaults={"step": step, "body": body})


_KEPT = (
    "step",
    "digest",
    "metrics",
    "decisions",
    "fallbacks",
    "refused",
    "waiting",
    "last_seq",
    "said_kept",
    "said_cut_at",
)


def _row(simulation: Simulation, entry: Entry) -> Decision:
    return Decision(
        simulation=simulation,
        step=entry.step,
        archetype=entry.archetype,
        agent=entry.row,
        count=entry.count,
        **columns_of(entry.decision),
    )


def _added(before: Mapping[str, int], results: list[StepResult]) -> dict[str, int]:
    total = Counter(before)
    for result in results:
        total.update(result.decisions)
    return dict(total)
