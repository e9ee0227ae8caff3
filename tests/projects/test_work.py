"""The queue of record: one owner at a time, fair between workspaces, nothing lost, at most three crashes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from projects.work import leases, queue, tasks
from projects.work.leases import LeaseLost
from projects.work.models import WorkItem
from projects.work.sweeping import sweep
from tenants.context import enter
from tenants.ids import uuid7

KIND = "test-work"


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str]]:
    """What the owner of crashed work was told."""
    told: list[tuple[UUID, str]] = []
    monkeypatch.setitem(queue._kinds, KIND, queue.Kind(lambda lease: "done", lambda i, why: told.append((i, why))))
    return told


def put(schema: str = "t_acme", queue_name: str = "crews") -> UUID:
    made = uuid7()
    with enter(schema):
        queue.enqueue(kind=KIND, object_id=made, queue=queue_name)
    return made


def item(made: UUID) -> WorkItem:
    return WorkItem.objects.get(object_id=made)


def expire(made: UUID) -> None:
    WorkItem.objects.filter(object_id=made).update(lease_until=timezone.now() - timedelta(hours=1))


def test_each_item_is_leased_once(db: None) -> None:
    first, second = put(), put()
    taken = [leases.claim(["crews"]), leases.claim(["crews"]), leases.claim(["crews"])]
    assert [lease and lease.object_id for lease in taken] == [first, second, None]
    assert item(first).state == "running"


def test_only_the_named_queues_are_served(db: None) -> None:
    put(queue_name="simulations")
    assert leases.claim(["crews", "default"]) is None


def test_a_busy_workspace_lets_another_go_first(db: None) -> None:
    acme = [put("t_acme") for _ in range(3)]
    globex = put("t_globex")
    order = [leases.claim(["crews"]) for _ in range(4)]
    assert [lease and lease.object_id for lease in order] == [acme[0], globex, acme[1], acme[2]]


def test_finished_work_is_not_done_again(db: None) -> None:
    made = put()
    lease = leases.claim(["crews"])
    assert lease is not None
    assert leases.end(lease, "done") == "done"
    assert item(made).state == "done"
    assert leases.claim(["crews"]) is None
    assert leases.end(lease, "done") is None


def test_asking_again_while_it_runs_runs_it_once_more_afterwards(db: None) -> None:
    made = put()
    lease = leases.claim(["crews"])
    assert lease is not None
    with enter("t_acme"):
        queue.enqueue(kind=KIND, object_id=made, queue="crews")
    assert leases.claim(["crews"]) is None
    assert leases.end(lease, "done") == "queued"
    again = leases.claim(["crews"])
    assert again is not None
    assert (again.object_id, again.fence) == (made, 2)


def test_the_sweeper_takes_back_what_a_dead_worker_held(db: None, given_up: list[tuple[UUID, str]]) -> None:
    made = put()
    dead = leases.claim(["crews"])
    assert dead is not None
    expire(made)
    sweep()
    after = item(made)
    assert (after.state, after.crashes, after.owner) == ("queued", 1, "")
    heir = leases.claim(["crews"])
    assert heir is not None
    assert heir.fence == dead.fence + 1
    assert leases.end(dead, "done") is None, "a zombie's ending counts for nothing"
    assert item(made).state == "running"
    assert given_up == []


def test_the_third_crash_is_the_last(db: None, given_up: list[tuple[UUID, str]]) -> None:
    made = put()
    for _ in range(3):
        assert leases.claim(["crews"]) is not None
        expire(made)
        sweep()
    assert item(made).state == "failed"
    assert given_up == [(made, "Its worker died 3 times; it will not be tried again.")]
    assert leases.claim(["crews"]) is None


def test_an_owner_that_could_not_be_told_is_told_at_the_next_sweep(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[UUID] = []
    fails = [True]

    def give_up(object_id: UUID, reason: str) -> None:
        if fails:
            raise RuntimeError(fails.pop())
        told.append(object_id)

    monkeypatch.setitem(queue._kinds, KIND, queue.Kind(lambda lease: "done", give_up))
    made, other = put(), put()
    WorkItem.objects.update(crashes=2)
    for _ in range(2):
        assert leases.claim(["crews"]) is not None
    expire(made)
    expire(other)
    sweep()
    assert len(told) == 1
    sweep()
    assert sorted(told) == sorted([made, other])
    assert {item(each).state for each in (made, other)} == {"failed"}


def test_a_living_worker_keeps_its_lease_and_a_robbed_one_is_told(db: None) -> None:
    kept, robbed = put(), put()
    held = [leases.claim(["crews"]), leases.claim(["crews"])]
    WorkItem.objects.filter(object_id=robbed).update(fence=9)
    WorkItem.objects.filter(object_id=kept).update(lease_until=timezone.now() + timedelta(seconds=1))
    leases.beat()
    assert held[0] is not None
    assert held[1] is not None
    held[0].check()
    with pytest.raises(LeaseLost):
        held[1].check()
    assert item(kept).lease_until > timezone.now() + timedelta(seconds=10)  # type: ignore[operator]


def test_a_lost_hint_is_sent_again(db: None, storage: object) -> None:
    made = put()
    WorkItem.objects.filter(object_id=made).update(queued_at=timezone.now() - timedelta(minutes=5))
    sweep()
    assert item(made).hinted_at is not None


def test_work_put_in_a_transaction_that_fails_was_never_there(db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert WorkItem.objects.count() == 0


@transaction.atomic
def put_and_fail() -> None:
    put()
    raise ZeroDivisionError


def test_withdrawn_work_is_not_begun(db: None) -> None:
    made = put()
    with enter("t_acme"):
        queue.withdraw(kind=KIND, object_id=made)
    assert leases.claim(["crews"]) is None
    assert item(made).state == "done"


def test_a_running_item_without_a_lease_cannot_be_stored(db: None) -> None:
    from django.db import IntegrityError

    made = put()
    with pytest.raises(IntegrityError, match="a_running_item_has_a_lease"), transaction.atomic():
        WorkItem.objects.filter(object_id=made).update(state="running")


def test_a_bug_in_the_work_ends_it_and_tells_its_owner(
    db: None, given_up: list[tuple[UUID, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> leases.Ending:
        raise KeyError("oops")

    monkeypatch.setitem(queue._kinds, KIND, queue._kinds[KIND]._replace(run=broken))
    made = put()
    lease = leases.claim(["crews"])
    assert lease is not None
    tasks.carry_out(lease)
    assert item(made).state == "failed"
    assert given_up == [(made, "An unexpected error stopped it (KeyError); the operator's log says more.")]


def test_work_of_a_suspended_workspace_is_not_begun(db: None, given_up: list[tuple[UUID, str]]) -> None:
    made = put()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_tenant SET status = 'suspended' WHERE schema_name = 't_acme'")
    lease = leases.claim(["crews"])
    assert lease is not None
    tasks.carry_out(lease)
    assert (item(made).state, item(made).error) == ("failed", "The workspace is suspended or gone.")


def test_work_put_in_for_later_is_not_taken_before(db: None) -> None:
    with enter("t_acme"):
        queue.enqueue(kind=KIND, object_id=(later := uuid7()), queue="crews", after=60)
    assert leases.claim(["crews"]) is None
    WorkItem.objects.update(queued_at=timezone.now() - timedelta(minutes=1))
    lease = leases.claim(["crews"])
    assert lease is not None
    assert lease.object_id == later


@pytest.mark.parametrize(("asked_again", "rests"), [(False, True), (True, False)])
def test_work_may_rest_before_its_next_turn(
    db: None, monkeypatch: pytest.MonkeyPatch, asked_again: bool, rests: bool
) -> None:
    made = put()

    def rest(lease: leases.Lease) -> leases.Ending:
        lease.pause = 300
        if asked_again:
            queue.enqueue(kind=KIND, object_id=lease.object_id, queue="crews")
        return "queued"

    monkeypatch.setitem(queue._kinds, KIND, queue.Kind(rest, lambda *_: None))
    lease = leases.claim(["crews"])
    assert lease is not None
    tasks.carry_out(lease)
    assert item(made).state == "queued"
    assert (item(made).queued_at > timezone.now() + timedelta(seconds=290)) is rests
