"""Who goes first: fair between workspaces, urgent ones first inside one, no more at once than a workspace may have."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from projects import queries, services
from projects.models import Run
from projects.services import Order
from projects.work import leases, queue
from projects.work.models import WorkItem
from projects.work.places import place_of
from tenants.access import Member
from tenants.context import enter
from tenants.ids import uuid7
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.projects.runs import SNAPSHOT, a_ledger, a_run, succeed

KIND = "test-work"


def put(schema: str = "t_acme", *, priority: int | None = None) -> UUID:
    made = uuid7()
    with enter(schema):
        queue.enqueue(kind=KIND, object_id=made, queue="crews", priority=priority)
    return made


def claimed(most: int, **more: object) -> list[UUID]:
    return [lease.object_id for lease in leases.claim_many(["crews"], most=most, **more)]  # type: ignore[arg-type]


def position(schema: str, made: UUID) -> int:
    with enter(schema):
        place = place_of(kind=KIND, object_id=made, queue="crews")
    assert place is not None
    return place.position


def test_one_claim_takes_several_and_shares_them_out(db: None) -> None:
    for _ in range(20):
        put("t_acme")
    globex = {put("t_globex") for _ in range(3)}
    taken = leases.claim_many(["crews"], most=6)
    assert Counter(lease.schema for lease in taken) == {"t_acme": 3, "t_globex": 3}
    assert {lease.object_id for lease in taken if lease.schema == "t_globex"} == globex


def test_a_thousand_waiting_runs_do_not_delay_the_first_of_another_workspace(db: None) -> None:
    for _ in range(60):
        put("t_acme")
    claimed(8)
    globex = put("t_globex")
    assert claimed(1) == [globex]


def test_one_at_a_time_workspaces_take_turns(db: None) -> None:
    """As the worker of plays does, which has nothing under way when it looks for more."""
    acme = [put("t_acme") for _ in range(4)]
    globex = [put("t_globex") for _ in range(2)]
    order = []
    while lease := leases.claim(["crews"]):
        order.append(lease.object_id)
        leases.end(lease, "done")
    assert order == [acme[0], globex[0], acme[1], globex[1], acme[2], acme[3]]


def test_the_place_in_the_queue_is_the_turn(db: None) -> None:
    first, second = [put("t_acme") for _ in range(2)]
    [lease] = leases.claim_many(["crews"], most=1)
    leases.end(lease, "done")
    other = put("t_globex")
    assert lease.object_id == first
    assert (position("t_acme", second), position("t_globex", other)) == (2, 1)
    assert claimed(1) == [other]


def test_urgent_work_goes_first_in_its_workspace_only(db: None) -> None:
    usual, urgent = put("t_acme"), put("t_acme", priority=9)
    other = put("t_globex", priority=1)
    assert claimed(1) == [urgent]
    assert claimed(1) == [other], "urgency in one workspace is nothing to another"
    assert claimed(1) == [usual]


def test_asking_again_keeps_the_priority(db: None) -> None:
    made = put(priority=8)
    with enter("t_acme"):
        queue.enqueue(kind=KIND, object_id=made, queue="crews")
    assert WorkItem.objects.get(object_id=made).priority == 8


def test_a_workspace_has_no_more_at_once_than_it_may(db: None, acme: Tenant) -> None:
    for _ in range(5):
        put("t_acme")
    assert len(claimed(9, limit=2)) == 2
    assert claimed(9, limit=2) == []
    acme.runs_at_once = 3
    acme.save(update_fields=["runs_at_once"])
    assert len(claimed(9, limit=2)) == 1, "its own number counts before the operator's"
    assert len(claimed(9, limit=None)) == 2


def test_room_that_becomes_free_is_used(db: None) -> None:
    for _ in range(3):
        put()
    held = leases.claim_many(["crews"], most=9, limit=2)
    leases.end(held[0], "done")
    assert len(claimed(9, limit=2)) == 1


def test_kinds_that_share_a_loop_are_left_to_the_runner(db: None) -> None:
    made = put()
    assert leases.claim(["crews"], without=[KIND]) is None
    assert claimed(5, only=["another"]) == []
    assert claimed(5, only=[KIND]) == [made]


@pytest.fixture
def api(api_of: ApiOf, alice: User) -> APIClient:
    return api_of(alice)


def ordered(by: Member, *, priority: int) -> Run:
    order = Order(Run.Kind.CREW, uuid7(), "Two steps", SNAPSHOT, {}, priority=priority)
    return services.start_run(order=order, project=None, by=by)


@pytest.mark.usefixtures("in_acme")
def test_a_queued_run_says_where_it_stands(api: APIClient, alice_at_acme: Member, settings: Settings) -> None:
    a_run(alice_at_acme)
    ended = a_ledger()
    succeed(ended, "Done.")
    Run.objects.filter(pk=ended.run_id).update(started_at=timezone.now() - timedelta(seconds=60))
    leases.end(ended.lease, "done")
    first, second = a_run(alice_at_acme), a_run(alice_at_acme)
    assert queries.queue_place(second) == (2, None), "nothing runs, so nobody knows"

    a_ledger()
    third = a_run(alice_at_acme)
    urgent = ordered(alice_at_acme, priority=9)
    first.refresh_from_db()
    assert queries.queue_place(first) is None
    assert queries.queue_place(urgent) == (1, 60)
    body = api.get(f"/w/acme/api/v1/runs/{third.pk}/").json()
    assert (body["queue"], body["priority"]) == ({"position": 3, "expected_seconds": 180}, 5)
    assert api.get(f"/w/acme/api/v1/runs/{first.pk}/").json()["queue"] is None


@pytest.mark.usefixtures("in_acme")
def test_another_workspace_that_runs_less_stands_before(alice_at_acme: Member) -> None:
    a_run(alice_at_acme)
    a_ledger()
    waiting = a_run(alice_at_acme)
    put("t_globex")
    place = queries.queue_place(waiting)
    assert place is not None
    assert place.position == 2
