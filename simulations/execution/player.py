"""The loop of a play: a step, now and then a store, a look at what is wished."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from django.db import transaction

from projects.faults.models import Category
from projects.work import leases
from projects.work.leases import Ending, Lease, LeaseLost
from simulations import access, metrics
from simulations.engine.errors import PlayInterrupted, SimulationError, WaitingForPerson
from simulations.engine.hybrid import StepResult
from simulations.execution import troubles
from simulations.execution.building import Built
from simulations.execution.comparing import difference
from simulations.execution.ending import end, fail, rest, stopped_by_the_market
from simulations.execution.storing import Store
from simulations.interventions.waiting import questions_of, waiting_for
from simulations.models import Simulation

Status = Simulation.Status
WATCH_SECONDS = 0.5
LATE = 0.5  # seconds after which a question's time is surely over


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a play is stored, how many steps a crash may cost, when others get a turn."""

    store_seconds: float = 0.1
    most_silent: float = 2.0
    most_unstored: int = 100
    turn_seconds: float = 30.0

    def silence(self, store_took: float) -> float:
        """Seconds until the next store, after one that took so long.

        A large checkpoint takes a sixth of the time. Whoever watches, or wants it to pause, waits no longer than
        `most_silent` all the same: one store that had to wait for the database says nothing about the next.
        """
        return max(self.store_seconds, min(5 * store_took, self.most_silent))


RHYTHM = Rhythm()


class Player:
    """One turn of a worker at one simulation."""

    def __init__(
        self, lease: Lease, simulation: Simulation, built: Built, loop: asyncio.Runner, rhythm: Rhythm = RHYTHM
    ) -> None:
        self.lease = lease
        self.rhythm = rhythm
        self.built, self.engine = built, built.engine
        self.store = Store(simulation, built)
        self.until, self.pace = simulation.until, simulation.pace
        self.began = self.stepped = time.monotonic()
        self.stored = 0.0
        self.store_took = 0.0
        self._loop = loop
        self._ending: Ending = "done"

    def play(self) -> Ending:
        while True:
            self.lease.check()
            if self._is_due() and not self._keep():
                return "done"
            if self._at_rest():
                if self._close():
                    return "done"
            elif time.monotonic() - self.began > self.rhythm.turn_seconds:
                return self._give_turn_away()
            elif self._wait() and not self._advanced():
                return self._ending

    def _advanced(self) -> bool:
        """Play a step; False: it could not be played, and `_ending` says what becomes of the work."""
        try:
            self._step()
        except PlayInterrupted as interruption:
            self._ending = self._interrupted(interruption)
            return False
        except SimulationError as refusal:
            self._ending = self._failed(refusal.detail)
            return False
        return True

    def _step(self) -> None:
        result = self._loop.run(self._stepped())
        self._compare(result)
        self.store.add(result)
        metrics.STEPS.inc()
        for source, count in result.decisions.items():
            metrics.DECISIONS.labels(source).inc(count)

    def _compare(self, result: StepResult) -> None:
        """In a replay: whether it came to the recorded state."""
        recorded = self.built.digests.get(result.step, result.digest)
        if recorded != result.digest:
            raise SimulationError(difference(self.built, result.step, recorded))

    async def _stepped(self) -> StepResult:
        """The next step; a worker that has lost the play, or has no time left, drops it unfinished."""
        step = asyncio.ensure_future(self.engine.step())
        while not (await asyncio.wait({step}, timeout=WATCH_SECONDS))[0]:
            if self.lease.lost.is_set() or leases.must_hurry():
                step.cancel()
                await asyncio.wait({step})
                raise LeaseLost(f"Simulation {self.lease.object_id} is left in the middle of a step.")
        return step.result()

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
        waited = time.monotonic() - self.stored
        return waited >= self.rhythm.silence(self.store_took) or len(self.store) >= self.rhythm.most_unstored

    @transaction.atomic
    def _keep(self) -> bool:
        """Keep what was played, with the checkpoint; learn what is wished now. False: it is not to go on."""
        start = time.monotonic()
        simulation = self._locked()
        if simulation is None:
            return False
        self.store.write(simulation)
        if stopped_by_the_market(simulation):
            return False
        self.store.take_up(simulation)
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

    @transaction.atomic
    def _close(self) -> bool:
        """Complete or rest, unless somebody asked for more meanwhile."""
        simulation = self._locked()
        if simulation is None:
            return True
        self.store.write(simulation)
        latest = self.engine.latest
        if latest.finished:
            end(simulation, Status.COMPLETED, "settled", f"It has come to its end after step {latest.step}.")
        elif latest.step >= simulation.steps:
            end(simulation, Status.COMPLETED, "steps", f"All {simulation.steps} steps were played.")
        elif latest.step >= simulation.until:
            rest(simulation, "", "")
        return simulation.status != Status.RUNNING

    @transaction.atomic
    def _give_turn_away(self) -> Ending:
        simulation = self._locked()
        if simulation is None:
            return "done"
        self.store.write(simulation)
        return "queued"

    @transaction.atomic
    def _interrupted(self, interruption: PlayInterrupted) -> Ending:
        """A step could not be finished: keep those before it, then rest or end as the author chose."""
        simulation = self._locked()
        if simulation is None:
            return "done"
        self.store.write(simulation)
        if isinstance(interruption, WaitingForPerson):
            return self._wait_for_person(simulation, interruption)
        if interruption.then == "stop":
            end(simulation, Status.STOPPED, interruption.reason, interruption.detail)
        else:
            rest(simulation, interruption.reason, interruption.detail)
        troubles.stopped(simulation)
        return "done"

    @transaction.atomic
    def _failed(self, detail: str) -> Ending:
        """Something that no other try would mend: keep the steps before it."""
        simulation = self._locked()
        if simulation is not None:
            self.store.write(simulation)
            fail(simulation, detail, Category.DATA)
        return "done"

    def _wait_for_person(self, simulation: Simulation, asked: WaitingForPerson) -> Ending:
        """No worker is held meanwhile; it is taken up again with the last answer, or when nobody is waited for any longer."""
        simulation.waiting = waiting_for(asked.requests, questions_of(simulation))
        rest(simulation, asked.reason, asked.detail)
        seconds = self.built.seconds_left(asked.requests)
        self.lease.pause = seconds + LATE
        return "queued"
