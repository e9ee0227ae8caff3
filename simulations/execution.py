"""A worker plays a simulation: step after step, stored with a checkpoint in one transaction, until told otherwise.

What was not stored never happened: a worker that dies, or finds the simulation paused, leaves the last stored step,
and the engine comes to the same steps again from there.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from projects.work.leases import Ending, Lease, LeaseLost
from simulations import access, endings, metrics, recording
from simulations.engine import HybridSimulationEngine, StepResult
from simulations.engine.errors import SimulationError
from simulations.engine.hybrid import Manner
from simulations.library import definition_of
from simulations.models import Checkpoint, Hello, Simulation
from simulations.outcomes import tell_outcome
from tenants.errors import Unavailable
from tenants.provenance import revoked

KIND, QUEUE = "simulation", "simulations"
Status = Simulation.Status


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a play is stored, how many steps a crash may cost, when others get a turn."""

    store_seconds: float = 0.1
    most_unstored: int = 100
    turn_seconds: float = 30.0


RHYTHM = Rhythm()


def run(lease: Lease) -> Ending:
    """Play until the simulation rests, ends or is taken away; after 30 s give others a turn."""
    simulation = _begin(lease)
    if simulation is None:
        return "done"
    try:
        with asyncio.Runner() as runner, _engine_of(simulation) as engine:
            return Player(lease, simulation, engine, runner).play()
    except (SimulationError, Unavailable) as refusal:
        give_up(lease.object_id, refusal.detail)
        return "done"


@transaction.atomic
def give_up(simulation_id: UUID, detail: str) -> None:
    """End a running simulation as failed, in words that a person understands."""
    simulation = access.lock(simulation_id)
    if simulation.status == Status.RUNNING:
        end(simulation, Status.FAILED, "failed", detail)


def end(simulation: Simulation, status: Status, reason: str, detail: str) -> None:
    """Close a simulation whose row the caller has locked, and tell whoever watches."""
    simulation.move_to(status)
    simulation.stop_reason, simulation.stop_detail, simulation.finished_at = reason, detail, timezone.now()
    note_status(simulation, "stop_reason", "stop_detail", "finished_at")
    tell_outcome(simulation)


def note_status(simulation: Simulation, *changed: str) -> None:
    """Save a changed status with its numbered message."""
    recording.append(simulation, [recording.status(simulation)])
    simulation.save(update_fields=["status", "last_seq", "updated_at", *changed])
    if simulation.status != Status.RUNNING:
        endings.tell(simulation)


def stopped_by_the_market(simulation: Simulation) -> bool:
    """End it if what it plays was blocked; the caller has locked the row. Asked at every stored step: memory answers."""
    found = revoked.hard(simulation.manifest_digests)
    if found is not None:
        end(simulation, Status.STOPPED, "revoked", found.sentence)
    return found is not None


@transaction.atomic
def _begin(lease: Lease) -> Simulation | None:
    simulation = access.lock(lease.object_id)
    if simulation.status != Status.RUNNING or stopped_by_the_market(simulation):
        return None
    simulation.fence = lease.fence
    simulation.started_at = simulation.started_at or timezone.now()
    simulation.save(update_fields=["fence", "started_at", "updated_at"])
    return simulation


def _engine_of(simulation: Simulation) -> HybridSimulationEngine:
    spec, manner = definition_of(simulation), Manner(pictures=True)
    found = Checkpoint.objects.filter(simulation=simulation, newest=True).first()
    if found is not None:
        return HybridSimulationEngine.restore(bytes(found.body), spec, manner=manner)
    return HybridSimulationEngine(
        spec,
        seed=simulation.seed,
        parameters=simulation.parameters,
        policy=simulation.assign or simulation.policy,
        manner=manner,
    )


class Player:
    """One turn of a worker at one simulation."""

    def __init__(
        self,
        lease: Lease,
        simulation: Simulation,
        engine: HybridSimulationEngine,
        runner: asyncio.Runner,
        rhythm: Rhythm = RHYTHM,
    ) -> None:
        self.lease = lease
        self.rhythm = rhythm
        self.engine = engine
        self.runner = runner
        self.until, self.pace = simulation.until, simulation.pace
        self.unstored: list[StepResult] = [engine.latest] if not simulation.digest else []
        self.began = self.stepped = time.monotonic()
        self.stored = 0.0
        self.store_took = 0.0

    def play(self) -> Ending:
        while True:
            self.lease.check()
            if self._is_due() and not self._store():
                return "done"
            if self._at_rest():
                if self._close():
                    return "done"
            elif time.monotonic() - self.began > self.rhythm.turn_seconds:
                return self._give_turn_away()
            elif self._wait():
                self.unstored.append(self.runner.run(self.engine.step()))
                metrics.STEPS.inc()

    def _at_rest(self) -> bool:
        return self.engine.latest.finished or self.engine.step_number >= self.until

    def _wait(self) -> bool:
        """True when the next step is due; otherwise sleeps a moment, so that a pause is noticed soon."""
        left = self.stepped + 1 / self.pace - time.monotonic() if self.pace else 0.0
        if left > 0:
            time.sleep(min(left, self.rhythm.store_seconds))
            return False
        self.stepped = time.monotonic()
        return True

    def _is_due(self) -> bool:
        """Storing takes at most a sixth of the time, however large the checkpoint."""
        waited = time.monotonic() - self.stored
        return (
            waited >= max(self.rhythm.store_seconds, 5 * self.store_took)
            or len(self.unstored) >= self.rhythm.most_unstored
        )

    @transaction.atomic
    def _store(self) -> bool:
        """Keep what was played, with the checkpoint; learn what is wished now. False: it is not to go on."""
        start = time.monotonic()
        simulation = self._locked()
        if simulation is None:
            return False
        self._write(simulation)
        if stopped_by_the_market(simulation):
            return False
        self.stored = time.monotonic()
        self.store_took = self.stored - start
        return True

    def _locked(self) -> Simulation | None:
        """The row, while it is ours and to be played."""
        simulation = access.lock(self.lease.object_id)
        if simulation.fence != self.lease.fence:
            raise LeaseLost(f"Simulation {simulation.pk} belongs to another worker now.")
        self.until, self.pace = simulation.until, simulation.pace
        return simulation if simulation.status == Status.RUNNING else None

    def _write(self, simulation: Simulation) -> None:
        if not self.unstored:
            return
        if not simulation.digest:
            Hello.objects.update_or_create(simulation=simulation, defaults={"content": self.engine.hello()})
        recording.append(simulation, [recording.picture(result) for result in self.unstored])
        latest = self.engine.latest
        simulation.step, simulation.digest = latest.step, latest.digest
        simulation.metrics = dict(latest.metrics)
        body = self.engine.snapshot()
        Checkpoint.objects.update_or_create(
            simulation=simulation, newest=True, defaults={"step": latest.step, "body": body}
        )
        simulation.save(update_fields=["step", "digest", "metrics", "last_seq", "updated_at"])
        self.unstored.clear()

    @transaction.atomic
    def _close(self) -> bool:
        """Complete or rest, unless somebody asked for more meanwhile."""
        simulation = self._locked()
        if simulation is None:
            return True
        self._write(simulation)
        latest = self.engine.latest
        if latest.finished:
            end(simulation, Status.COMPLETED, "settled", f"Nothing changes any more after step {latest.step}.")
        elif latest.step >= simulation.steps:
            end(simulation, Status.COMPLETED, "steps", f"All {simulation.steps} steps were played.")
        elif latest.step >= simulation.until:
            simulation.move_to(Status.PAUSED)
            note_status(simulation)
        return simulation.status != Status.RUNNING

    @transaction.atomic
    def _give_turn_away(self) -> Ending:
        simulation = self._locked()
        if simulation is None:
            return "done"
        self._write(simulation)
        return "queued"
