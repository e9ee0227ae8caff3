"""A worker plays a simulation, whatever happens to it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from django.utils import timezone

from projects.work import leases
from projects.work.leases import Ending, Lease, LeaseLost, draining
from projects.work.models import WorkItem
from simulations import execution, services
from simulations.engine import HybridSimulationEngine
from simulations.execution.building import built_for
from simulations.execution.carrying import begin as begin_turn
from simulations.execution.player import RHYTHM, Player, Rhythm
from simulations.models import Checkpoint, Simulation
from simulations.recording import message_of
from simulations.scenarios import catalogue
from tenants.access import Member
from tests.simulations.conftest import Begin, pictures, take, work
from tests.simulations.plays import results

P = TypeVar("P", bound=Player)


def uninterrupted(simulation: Simulation) -> list[tuple[int, str]]:
    """What the engine alone makes of the same seed and parameters."""
    with HybridSimulationEngine(
        catalogue()["schelling"], seed=simulation.seed, parameters=simulation.parameters
    ) as engine:
        return [(result.step, result.digest) for result in results(engine, simulation.steps)]


def statuses(simulation: Simulation) -> list[str]:
    return [message_of(frame)["data"]["status"] for frame in simulation.frames.filter(kind="status")]


def test_it_is_played_to_its_last_step(simulation: Simulation) -> None:
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, simulation.step, simulation.stop_reason) == ("completed", 12, "steps")
    assert simulation.stop_detail == "All 12 steps were played."
    assert pictures(simulation) == uninterrupted(simulation)
    assert simulation.digest == pictures(simulation)[-1][1]
    assert simulation.metrics == simulation.frames.filter(step=12).exclude(kind="status").get().metrics
    assert statuses(simulation) == ["running", "completed"]
    assert WorkItem.objects.get(object_id=simulation.pk).state == "done"
    assert not work()


def test_its_messages_are_numbered_without_a_gap(simulation: Simulation) -> None:
    work()
    simulation.refresh_from_db()
    assert list(simulation.frames.values_list("seq", flat=True)) == list(range(1, simulation.last_seq + 1))
    assert simulation.last_seq == 15


def test_a_town_that_settles_is_completed_early(begin: Begin) -> None:
    simulation = begin(parameters={"threshold": 0.3}, steps=300)
    work()
    simulation.refresh_from_db()
    assert (simulation.status, simulation.stop_reason, simulation.metrics["unhappy"]) == ("completed", "settled", 0)
    assert simulation.step < 100
    assert simulation.stop_detail == f"It has come to its end after step {simulation.step}."


@pytest.mark.parametrize(
    ("took", "silence"),
    [(0.001, 0.1), (0.1, 0.5), (0.4, 2.0), (12.0, 2.0)],
    ids=["quick", "large", "largest", "stalled"],
)
def test_a_store_that_took_long_silences_the_play_for_two_seconds_at_most(took: float, silence: float) -> None:
    assert RHYTHM.silence(took) == silence


class WorkerDied(BaseException):
    """kill -9 in the middle of a play: not even its own farewell is run."""


class Watched(Player):
    """Somebody acts just before a step is played."""

    before: Callable[[int], None]

    def _step(self) -> None:
        self.before(self.engine.step_number + 1)
        super()._step()


def play_by(
    kind: type[P], prepare: Callable[[P], object] = lambda _: None, rhythm: Rhythm = RHYTHM
) -> tuple[P, Ending]:
    """A worker's turn."""
    lease = take()
    assert lease is not None
    simulation = begin_turn(lease)
    assert simulation is not None
    with asyncio.Runner() as runner:
        player = kind(lease, simulation, built_for(simulation, lease), runner, rhythm)
        prepare(player)
        ending = player.play()
    assert leases.end(lease, ending)
    return player, ending


def play_watched(before: Callable[[int], None], rhythm: Rhythm = RHYTHM) -> Ending:
    """A worker's turn, with somebody watching it."""

    def prepare(player: Watched) -> None:
        player.before = before

    return play_by(Watched, prepare, rhythm)[1]


@pytest.mark.parametrize("steps", [0, 1, 5, 11])
def test_another_worker_goes_on_after_a_crash_and_nothing_comes_twice(simulation: Simulation, steps: int) -> None:
    def die(step: int) -> None:
        if step > steps:
            raise WorkerDied

    with pytest.raises(WorkerDied):
        play_watched(die, Rhythm(most_unstored=2))
    simulation.refresh_from_db()
    assert (simulation.status, len(pictures(simulation))) == ("running", simulation.step + 1)
    assert steps - 2 <= simulation.step <= steps
    WorkItem.objects.update(state="queued", owner="", lease_until=None)  # what the sweeper does
    assert work()
    simulation.refresh_from_db()
    assert simulation.status == "completed"
    assert pictures(simulation) == uninterrupted(simulation)


def test_a_worker_that_lost_its_lease_writes_nothing(simulation: Simulation) -> None:
    lease = take()
    assert lease is not None
    held = begin_turn(lease)
    assert held is not None
    Simulation.objects.filter(pk=simulation.pk).update(fence=lease.fence + 1)
    with asyncio.Runner() as runner, pytest.raises(LeaseLost):
        Player(lease, held, built_for(held, lease), runner).play()
    assert pictures(simulation) == []


def test_a_worker_that_shuts_down_hands_it_back(simulation: Simulation) -> None:
    draining.set()
    try:
        assert work()
    finally:
        draining.clear()
    simulation.refresh_from_db()
    assert (simulation.status, WorkItem.objects.get().state) == ("running", "queued")
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, pictures(simulation)) == ("completed", uninterrupted(simulation))


def test_a_paused_play_rests_without_a_worker_and_goes_on_to_the_same_end(
    simulation: Simulation, alice_at_acme: Member
) -> None:
    def pause(step: int) -> None:
        if step == 5:
            services.pause_simulation(simulation=simulation, by=alice_at_acme)

    assert play_watched(pause) == "done"
    simulation.refresh_from_db()
    assert (simulation.status, simulation.step) == ("paused", pictures(simulation)[-1][0])
    assert simulation.step < 5
    assert WorkItem.objects.get().state == "done"
    services.resume_simulation(simulation=simulation, by=alice_at_acme)
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, pictures(simulation)) == ("completed", uninterrupted(simulation))
    assert statuses(simulation) == ["running", "paused", "running", "completed"]


class Paced(Player):
    """Its waits are counted, and somebody may do something during the first; `MOST` are ten minutes."""

    MOST = 6_000
    waits = 0
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def _wait(self) -> bool:
        if super()._wait():
            return True
        self.waits += 1
        assert self.waits < self.MOST
        if self.waits == 1:
            self.meanwhile()
        return False


def test_the_pace_may_change_while_it_is_played(begin: Begin, alice_at_acme: Member) -> None:
    simulation = begin(pace=0.001, steps=3)  # a quarter of an hour for a step, if nobody did anything

    def prepare(player: Paced) -> None:
        player.meanwhile = lambda: services.set_pace(simulation=simulation, pace=0, by=alice_at_acme)

    player, ending = play_by(Paced, prepare)
    assert (ending, player.waits > 0) == ("done", True)
    simulation.refresh_from_db()
    assert (simulation.status, simulation.pace) == ("completed", 0)


def test_step_by_step_it_rests_after_each(begin: Begin, alice_at_acme: Member) -> None:
    simulation = begin(start=False)
    for step in (1, 2, 3):
        services.step_simulation(simulation=simulation, by=alice_at_acme)
        assert work()
        simulation.refresh_from_db()
        assert (simulation.status, simulation.step) == ("paused", step)
    services.step_simulation(simulation=simulation, by=alice_at_acme)
    services.step_simulation(simulation=simulation, by=alice_at_acme)  # a second click before the worker came
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, simulation.step) == ("paused", 5)
    services.resume_simulation(simulation=simulation, by=alice_at_acme)
    work()
    assert pictures(simulation) == uninterrupted(simulation)


def test_a_step_after_a_pause_plays_no_more_than_that_step(simulation: Simulation, alice_at_acme: Member) -> None:
    """The worker has not noticed the pause yet, and holds steps that it played meanwhile."""

    def pause_and_step(step: int) -> None:
        if step == 7:
            services.pause_simulation(simulation=simulation, by=alice_at_acme)
            services.step_simulation(simulation=simulation, by=alice_at_acme)

    with pytest.raises(LeaseLost):
        play_watched(pause_and_step, Rhythm(store_seconds=0, most_unstored=1))
    simulation.refresh_from_db()
    assert (simulation.status, simulation.step) == ("running", 6)
    WorkItem.objects.update(state="queued", owner="", lease_until=None)
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, simulation.step) == ("paused", 7)
    assert pictures(simulation) == uninterrupted(simulation)[:8]


def test_a_long_play_gives_others_a_turn(simulation: Simulation) -> None:
    WorkItem.objects.update(queued_at=timezone.now() - timedelta(hours=1))
    assert play_watched(lambda _: None, Rhythm(turn_seconds=0)) == "queued"
    assert timezone.now() - WorkItem.objects.get().queued_at < timedelta(minutes=59)  # behind those who wait
    simulation.refresh_from_db()
    assert (simulation.status, WorkItem.objects.get().state) == ("running", "queued")
    assert work()
    simulation.refresh_from_db()
    assert (simulation.status, pictures(simulation)) == ("completed", uninterrupted(simulation))


def test_the_pace_is_kept(begin: Begin) -> None:
    """Never faster. Slower only as the machine is: before a step it sleeps once, as long as is left."""
    simulation = begin(steps=4, pace=20)
    player, _ = play_by(Paced)
    simulation.refresh_from_db()
    assert simulation.started_at is not None
    assert simulation.finished_at is not None
    assert (simulation.finished_at - simulation.started_at).total_seconds() > 0.15
    assert player.waits <= 8  # twice where a sleep ended a moment early


def test_a_damaged_checkpoint_fails_it_with_a_sentence(begin: Begin, alice_at_acme: Member) -> None:
    simulation = begin(start=False)
    services.step_simulation(simulation=simulation, by=alice_at_acme)
    work()
    simulation.refresh_from_db()
    checkpoint = Checkpoint.objects.get()
    checkpoint.body = bytes(checkpoint.body)[:-9]
    checkpoint.save()
    services.resume_simulation(simulation=simulation, by=alice_at_acme)
    work()
    simulation.refresh_from_db()
    assert (simulation.status, simulation.stop_reason) == ("failed", "failed")
    assert simulation.stop_detail == "The checkpoint is damaged: its content cannot be read."


def test_giving_up_after_too_many_crashes_says_so(simulation: Simulation) -> None:
    execution.give_up(simulation.pk, "Its worker died 3 times; it will not be tried again.")
    simulation.refresh_from_db()
    assert (simulation.status, simulation.stop_detail) == (
        "failed",
        "Its worker died 3 times; it will not be tried again.",
    )
    assert statuses(simulation)[-1] == "failed"


def test_what_ended_meanwhile_is_not_begun(simulation: Simulation, alice_at_acme: Member) -> None:
    services.stop_simulation(simulation=simulation, by=alice_at_acme)
    lease = Lease(WorkItem.objects.get().pk, "t_acme", "simulation", simulation.pk, "simulations", 1, 0)
    assert execution.run(lease) == "done"
    assert pictures(simulation) == []
