"""Many runs on one event loop: hints may be lost, doubled or late, and whatever happens each item is carried out once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from celery import current_app
from django.db import OperationalError
from pytest_django import Settings

from projects.work import leases, queue, runner, tasks
from projects.work.leases import Ending, Lease, LeaseLost
from projects.work.models import WorkItem
from projects.work.runner import Runner
from tenants.context import enter
from tenants.ids import uuid7

KIND = "test-waiting"
Body = Callable[[Lease], "asyncio.Future[Ending] | object"]


@pytest.fixture
def db(fresh_db: None) -> None:
    """The runner's threads have connections of their own, so everything here is really committed."""


@pytest.fixture(autouse=True)
def _not_draining() -> Iterator[None]:
    yield
    leases.draining.clear()
    leases._hurry_at = None


@pytest.fixture
def worker(db: None) -> Iterator[Runner]:
    made = Runner()
    yield made
    leases.drain()
    made.wake_up()
    made.join(60)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str]]:
    return []


@pytest.fixture
def carried_out_by(
    monkeypatch: pytest.MonkeyPatch, told: list[tuple[UUID, str]]
) -> Callable[[Callable[[Lease], object]], None]:
    def use(run: Callable[[Lease], object]) -> None:
        kind = queue.Kind(None, lambda i, why: told.append((i, why)), run)  # type: ignore[arg-type]
        monkeypatch.setitem(queue._kinds, KIND, kind)

    return use


def put(schema: str = "t_acme") -> UUID:
    made = uuid7()
    with enter(schema):
        queue.enqueue(kind=KIND, object_id=made, queue="crews")
    return made


def until(done: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "It did not come to it."
        time.sleep(0.02)


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in WorkItem.objects.filter(kind=KIND).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_it_waits_for_many_at_once_in_one_thread(worker: Runner, carried_out_by: Callable[..., None]) -> None:
    threads, inside = set[int](), list[UUID]()

    async def wait(lease: Lease) -> Ending:
        threads.add(threading.get_ident())
        inside.append(lease.id)
        while len(inside) < 40:  # noqa: ASYNC110 - one after the other they would wait for ever
            await asyncio.sleep(0.02)
        return "done"

    carried_out_by(wait)
    for _ in range(40):
        put()
    worker.wake("crews")
    until(lambda: states() == {"done": 40})
    assert len(threads) == 1


def test_hints_that_come_twice_or_late_do_nothing_twice(worker: Runner, carried_out_by: Callable[..., None]) -> None:
    seen: list[UUID] = []

    async def note(lease: Lease) -> Ending:
        seen.append(lease.object_id)
        await asyncio.sleep(0.05)
        return "done"

    carried_out_by(note)
    made = {put() for _ in range(5)}
    for _ in range(10):
        worker.wake("crews")
    until(lambda: states() == {"done": 5})
    worker.wake("crews")
    time.sleep(0.2)
    assert sorted(seen) == sorted(made)


def test_a_runner_that_is_up_hears_hints_without_celery(
    worker: Runner, carried_out_by: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done(lease: Lease) -> Ending:
        return "done"

    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda *_, **told: sent.append(told["queue"]))
    carried_out_by(done)
    queue.hint("crews", KIND)
    assert sent == ["crews"], "nobody listens yet"
    worker.wake("crews")
    until(lambda: queue._listeners().pubsub_numsub(queue.channel_of("crews"))[0][1] == 1)
    put()
    queue.hint("crews", KIND)
    until(lambda: states() == {"done": 1})
    queue.hint("default", KIND)
    assert sent == ["crews", "default"], "this runner serves another queue"


def test_what_no_hint_tells_of_is_found_by_looking(
    worker: Runner, carried_out_by: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done(lease: Lease) -> Ending:
        return "done"

    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.2)
    carried_out_by(done)
    worker.wake("crews")
    time.sleep(0.3)
    put()
    until(lambda: states() == {"done": 1})


def test_it_takes_no_more_than_it_has_room_for(
    worker: Runner, carried_out_by: Callable[..., None], settings: Settings
) -> None:
    settings.RUNS_PER_WORKER = 3
    most = now = 0

    async def count(lease: Lease) -> Ending:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        while most < 3:  # noqa: ASYNC110 - until it has taken as many as it may
            await asyncio.sleep(0.02)
        now -= 1
        return "done"

    carried_out_by(count)
    for _ in range(10):
        put()
    worker.wake("crews")
    until(lambda: states() == {"done": 10})
    assert most == 3


def test_of_what_may_have_killed_its_workers_a_process_has_one_at_a_time(
    worker: Runner, carried_out_by: Callable[..., None]
) -> None:
    at_once, most = set[UUID](), list[int]()

    async def wait(lease: Lease) -> Ending:
        if lease.crashes:
            at_once.add(lease.id)
            most.append(len(at_once))
        await asyncio.sleep(0.2)
        at_once.discard(lease.id)
        return "done"

    carried_out_by(wait)
    suspects = [put() for _ in range(3)]
    WorkItem.objects.filter(object_id__in=suspects).update(crashes=2)
    put()
    worker.wake("crews")
    until(lambda: states() == {"done": 4})
    assert most == [1, 1, 1]


def test_a_bug_in_one_touches_no_other(
    worker: Runner, carried_out_by: Callable[..., None], told: list[tuple[UUID, str]]
) -> None:
    bad = uuid7()

    async def run(lease: Lease) -> Ending:
        if lease.object_id == bad:
            raise KeyError("oops")
        return "done"

    carried_out_by(run)
    put()
    with enter("t_acme"):
        queue.enqueue(kind=KIND, object_id=bad, queue="crews")
    worker.wake("crews")
    until(lambda: states() == {"done": 1, "failed": 1})
    assert told == [(bad, "An unexpected error stopped it (KeyError); the operator's log says more.")]


def test_work_that_could_not_be_ended_is_not_held_for_ever(
    worker: Runner, carried_out_by: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(lease: Lease) -> Ending:
        raise KeyError("oops")

    def give_up(object_id: UUID, why: str) -> None:
        raise RuntimeError("no such column")

    carried_out_by(run)
    monkeypatch.setitem(queue._kinds, KIND, queue._kinds[KIND]._replace(give_up=give_up))
    put()
    worker.wake("crews")
    until(lambda: states() == {"running": 1} and not leases._held)


def test_an_outage_is_no_crash(worker: Runner, carried_out_by: Callable[..., None]) -> None:
    async def stopped(lease: Lease) -> Ending:
        raise OperationalError("server closed the connection unexpectedly")

    carried_out_by(stopped)
    made = put()
    worker.wake("crews")
    until(lambda: WorkItem.objects.get(object_id=made).fence == 1 and states() == {"queued": 1})
    assert WorkItem.objects.get(object_id=made).crashes == 0


def test_draining_gives_everything_back(worker: Runner, carried_out_by: Callable[..., None]) -> None:
    async def work(lease: Lease) -> Ending:
        while True:
            lease.check()
            await asyncio.sleep(0.02)

    carried_out_by(work)
    for _ in range(5):
        put()
    worker.wake("crews")
    until(lambda: states() == {"running": 5})
    leases.drain()
    worker.wake_up()
    worker.join(60)
    assert states() == {"queued": 5}
    assert set(WorkItem.objects.filter(kind=KIND).values_list("crashes", flat=True)) == {0}


def test_a_lost_lease_ends_the_work_and_nothing_else(worker: Runner, carried_out_by: Callable[..., None]) -> None:
    async def lose(lease: Lease) -> Ending:
        raise LeaseLost("Somebody else has it.")

    carried_out_by(lose)
    put()
    worker.wake("crews")
    until(lambda: states() == {"queued": 1} or WorkItem.objects.get(kind=KIND).fence > 1)


def test_work_that_shares_a_loop_can_be_carried_out_alone(db: None, carried_out_by: Callable[..., None]) -> None:
    async def done(lease: Lease) -> Ending:
        return "done"

    carried_out_by(done)
    put()
    lease = leases.claim(["crews"])
    assert lease is not None
    tasks.carry_out(lease)
    assert states() == {"done": 1}
