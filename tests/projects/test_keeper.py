"""Work goes on without Celery: what a dead worker held is taken back, and what no hint brought to anybody is begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from projects.work import leases, queue, tasks
from projects.work.keeper import Keeper
from projects.work.models import WorkItem
from projects.work.runner import runner
from tenants.context import enter
from tenants.ids import uuid7

KIND = "test-kept"
go_on = threading.Event()


@pytest.fixture
def db(fresh_db: None) -> None:
    """The keeper's thread has a connection of its own, so everything here is really committed."""


@pytest.fixture(autouse=True)
def _not_draining() -> Iterator[None]:
    """The process's runner, which a keeper wakes, ends with its test: it would hear the hints of others."""
    yield
    leases.drain()
    runner.wake_up()
    runner.join(60)
    leases.draining.clear()
    leases._hurry_at = None


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    told: list[UUID] = []
    go_on.set()

    def run(lease: leases.Lease) -> leases.Ending:
        assert go_on.wait(60)
        told.append(lease.object_id)
        return "done"

    monkeypatch.setitem(queue._kinds, KIND, queue.Kind(run, lambda *_: None))
    return told


def put(*, ago: float = 0.0) -> UUID:
    made = uuid7()
    with enter("t_acme"):
        queue.enqueue(kind=KIND, object_id=made, queue="default")
    WorkItem.objects.filter(object_id=made).update(queued_at=timezone.now() - timedelta(seconds=ago))
    return made


def state(made: UUID) -> str:
    return WorkItem.objects.get(object_id=made).state


def until_done(made: UUID) -> None:
    end = time.monotonic() + 60
    while state(made) != "done":
        assert time.monotonic() < end, "It did not come to it."
        time.sleep(0.02)


def test_what_no_hint_brought_to_anybody_is_begun_after_a_while(db: None, done: list[UUID]) -> None:
    unheard, fresh = put(ago=3600), put()
    keeper = Keeper(tasks.carry_out)
    keeper._queues = frozenset({"default"})
    keeper.look()
    until_done(unheard)
    assert (done, state(fresh)) == ([unheard], "queued")


def test_it_begins_one_thing_at_a_time(db: None, done: list[UUID]) -> None:
    first, second = put(ago=3600), put(ago=3000)
    keeper = Keeper(tasks.carry_out)
    keeper._queues = frozenset({"default"})
    go_on.clear()
    keeper.look()
    keeper.look()
    assert (state(first), state(second)) == ("running", "queued")
    go_on.set()
    until_done(first)
    keeper.look()
    until_done(second)


@pytest.fixture(autouse=True)
def _database_up_for_long(settings: Settings) -> None:
    settings.HEARTBEAT_SECONDS = 0.01


def test_after_an_outage_of_the_database_living_workers_renew_before_anything_is_taken_back(
    db: None, done: list[UUID], settings: Settings
) -> None:
    held = put()
    WorkItem.objects.filter(object_id=held).update(
        state="running", owner="alive", lease_until=timezone.now() - timedelta(hours=1)
    )
    settings.HEARTBEAT_SECONDS = 1e6
    Keeper(tasks.carry_out).look()
    assert state(held) == "running", "the server was started less than two heartbeats ago"
    keeper = Keeper(tasks.carry_out)
    keeper.be_patient()
    settings.HEARTBEAT_SECONDS = 0.01
    keeper.look()
    assert state(held) == "running", "this process could not reach it a moment ago"
    Keeper(tasks.carry_out).look()
    assert (state(held), WorkItem.objects.get(object_id=held).crashes) == ("queued", 1)


def test_a_process_that_serves_no_queue_only_takes_back(db: None, done: list[UUID]) -> None:
    waiting, dead = put(ago=3600), put()
    WorkItem.objects.filter(object_id=dead).update(
        state="running", owner="gone", lease_until=timezone.now() - timedelta(hours=1)
    )
    Keeper(tasks.carry_out).look()
    assert (state(waiting), state(dead)) == ("queued", "queued")
    assert WorkItem.objects.get(object_id=dead).crashes == 1


def test_the_thread_of_a_worker_does_it_by_itself_at_once_and_ends_with_it(
    db: None, done: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.work.keeper.LOOK_SECONDS", 60.0)
    unheard = put(ago=3600)
    Keeper(tasks.carry_out).start(["default"])
    until_done(unheard)
    leases.drain()
    end = time.monotonic() + 60
    while any(thread.name == "keeper" for thread in threading.enumerate()):
        assert time.monotonic() < end, "The keeper did not end."
        time.sleep(0.02)
