"""`schedules/`: a crew that runs by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from agents.models import Crew
from agents.schedules.models import Schedule
from projects.models import Run
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.context import PUBLIC, enter
from tenants.models import Membership, Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API, api, fields, relay, sending_json
from tests.conftest import ApiOf, ClientOf

__all__ = ["api", "relay"]
DOOR = f"{API}schedules/"


def make(api: APIClient, crew: Crew, **sent: Any) -> Any:
    wish = {"name": "Morning relay", "crew": str(crew.pk), "inputs": {"topic": "tides"}, "cron": "30 7 * * 1-5"}
    return api.post(DOOR, {**wish, **sent})


@pytest.fixture
def schedule(api: APIClient, relay: Crew, in_acme: Tenant) -> Schedule:
    return Schedule.objects.get(pk=make(api, relay, timezone="Europe/Berlin").data["id"])


def become_due(schedule: Schedule) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Schedule.objects.filter(pk=schedule.pk).update(next_at=past)
    WorkItem.objects.filter(kind="schedule").update(queued_at=past)


def work() -> bool:
    with enter(PUBLIC):
        lease = leases.claim(["default"])
        if lease is not None:
            leases._held.pop(lease.id)
            tasks.carry_out(lease)
    return lease is not None


def test_it_starts_a_run_when_its_time_has_come(schedule: Schedule, in_acme: Tenant, alice: User) -> None:
    assert not work(), "before its time nothing starts"
    become_due(schedule)
    assert work()
    run = Run.objects.get()
    assert (run.origin, run.origin_id, run.status, run.started_by_id) == ("schedule", schedule.pk, "queued", alice.pk)
    assert (run.title, run.inputs) == ("Relay", {"topic": "tides"})
    schedule.refresh_from_db()
    assert (schedule.last_run_id, schedule.last_outcome) == (run.pk, "Started.")
    assert schedule.next_at is not None
    item = WorkItem.objects.get(kind="schedule")
    assert item.state == "queued"
    assert abs(item.queued_at - schedule.next_at) < timedelta(seconds=5)
    assert not work()


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_worker_with_another_idea_of_the_time_starts_it_when_it_is_due_and_skips_no_time(
    schedule: Schedule, in_acme: Tenant, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    Schedule.objects.update(cron="0 * * * *")
    become_due(schedule)
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
    assert work()
    schedule.refresh_from_db()
    assert (Run.objects.count(), schedule.last_outcome) == (1, "Started.")
    assert schedule.next_at is not None
    assert timedelta(0) < schedule.next_at - right() <= timedelta(hours=1)


def test_a_second_worker_on_the_same_time_starts_nothing(schedule: Schedule, in_acme: Tenant) -> None:
    become_due(schedule)
    work()
    WorkItem.objects.filter(kind="schedule").update(queued_at=timezone.now() - timedelta(minutes=1))
    assert work(), "it was handed out twice"
    assert Run.objects.count() == 1


@pytest.mark.parametrize(("overlap", "runs"), [("skip", 1), ("queue", 2)])
def test_while_the_run_before_is_not_done(
    api: APIClient, relay: Crew, in_acme: Tenant, overlap: str, runs: int
) -> None:
    schedule = Schedule.objects.get(pk=make(api, relay, overlap=overlap).data["id"])
    for _ in range(2):
        become_due(schedule)
        assert work()
    assert Run.objects.count() == runs
    schedule.refresh_from_db()
    assert schedule.last_outcome == ("Skipped: the run before was not done." if runs == 1 else "Started.")


def test_a_missed_time_is_made_up_for_once(schedule: Schedule, in_acme: Tenant) -> None:
    Schedule.objects.update(cron="* * * * *", next_at=timezone.now() - timedelta(hours=3))
    WorkItem.objects.filter(kind="schedule").update(queued_at=timezone.now() - timedelta(hours=3))
    assert work()
    assert not work()
    assert Run.objects.count() == 1


def test_who_may_not_start_runs_any_more_starts_none(schedule: Schedule, in_acme: Tenant, alice: User) -> None:
    become_due(schedule)
    with enter(PUBLIC):
        Membership.objects.filter(user=alice).update(role="viewer")
    assert work()
    schedule.refresh_from_db()
    assert (schedule.is_enabled, schedule.next_at, Run.objects.count()) == (False, None, 0)
    assert schedule.disabled_because.endswith("may not start runs here any more.")
    assert WorkItem.objects.get(kind="schedule").state == "done"


def test_a_refusal_is_told_and_the_next_time_is_another_chance(
    schedule: Schedule, in_acme: Tenant, relay: Crew
) -> None:
    relay.tasks.all().delete()
    become_due(schedule)
    assert work()
    schedule.refresh_from_db()
    assert schedule.last_outcome.startswith("Not started: ")
    assert (schedule.is_enabled, WorkItem.objects.get(kind="schedule").state, Run.objects.count()) == (
        True,
        "queued",
        0,
    )


def test_it_is_shown_with_its_next_times_and_changed(
    api: APIClient, schedule: Schedule, in_acme: Tenant, alice: User
) -> None:
    shown = api.get(f"{DOOR}{schedule.pk}/").data
    assert (shown["cron"], shown["timezone"], len(shown["next_times"])) == ("30 7 * * 1-5", "Europe/Berlin", 5)
    assert [time.weekday() < 5 for time in shown["next_times"]] == [True] * 5
    changed = api.patch(f"{DOOR}{schedule.pk}/", {"is_enabled": False}).data
    assert (changed["is_enabled"], changed["next_at"], changed["next_times"]) == (False, None, [])
    assert WorkItem.objects.get(kind="schedule").state == "done"
    assert api.patch(f"{DOOR}{schedule.pk}/", {"is_enabled": True, "cron": "@daily"}).data["next_at"] is not None
    assert WorkItem.objects.get(kind="schedule").state == "queued"
    assert api.delete(f"{DOOR}{schedule.pk}/").status_code == 204
    assert (Schedule.objects.count(), WorkItem.objects.get(kind="schedule").state) == (0, "done")
    assert AuditEntry.objects.filter(action__startswith="schedule.").count() == 4


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"cron": "61 * * * *"}, [("cron", "times")]),
        ({"cron": "0 0 30 2 *"}, [("cron", "times")]),
        ({"timezone": "Europe/Atlantis"}, [("timezone", "times")]),
        ({"inputs": {}}, [("inputs.topic", "missing")]),
        ({"overlap": "both"}, [("overlap", "invalid_choice")]),
        ({"next_at": "2026-01-01T00:00:00Z"}, [("next_at", "unknown")]),
    ],
)
def test_what_could_not_run_is_refused(
    api: APIClient, relay: Crew, in_acme: Tenant, sent: dict[str, Any], named: list[tuple[str, str]]
) -> None:
    answer = make(api, relay, **sent)
    assert (answer.status_code, fields(answer)) == (400, named)
    assert (Schedule.objects.count(), WorkItem.objects.count()) == (0, 0)


def test_a_crew_with_a_schedule_is_not_deleted(api: APIClient, schedule: Schedule, relay: Crew) -> None:
    answer = api.delete(f"{API}crews/{relay.pk}/")
    assert (answer.status_code, answer.data["code"]) == (409, "in_use")
    assert Crew.objects.count() == 1


def test_nobody_else_can(api_of: ApiOf, victor: User, mallory: User, schedule: Schedule, relay: Crew) -> None:
    looks, stranger = sending_json(api_of(victor)), sending_json(api_of(mallory))
    assert looks.get(f"{DOOR}{schedule.pk}/").status_code == 200
    assert make(looks, relay).status_code == 403
    assert looks.delete(f"{DOOR}{schedule.pk}/").status_code == 403
    assert [stranger.get(f"{DOOR}{schedule.pk}/").status_code, make(stranger, relay).status_code] == [404, 404]
    assert Schedule.objects.count() == 1


def test_the_pages_make_switch_and_delete_one(client_of: ClientOf, alice: User, relay: Crew, in_acme: Tenant) -> None:
    client, new = client_of(alice), f"/w/acme/crews/{relay.pk}/schedule/"
    filled = {"name": "Morning <relay>", "cron": "@daily", "timezone": "Asia/Kolkata", "overlap": "skip"}
    refused = client.post(new, {**filled, "cron": "61 * * * *", "input-topic": "tides"})
    assert (refused.status_code, "The minute “61”" in refused.content.decode()) == (422, True)
    assert client.post(new, {**filled, "input-topic": "tides"}).status_code == 302
    schedule = Schedule.objects.get()
    assert (schedule.inputs, schedule.made_by_id) == ({"topic": "tides"}, alice.pk)
    listed = client.get("/w/acme/schedules/").content.decode()
    assert "Morning &lt;relay&gt;" in listed
    client.post(f"/w/acme/schedules/{schedule.pk}/switch/")
    schedule.refresh_from_db()
    assert not schedule.is_enabled
    client.post(f"/w/acme/schedules/{schedule.pk}/delete/")
    assert Schedule.objects.count() == 0


def test_a_viewer_sees_schedules_and_sets_up_none(
    client_of: ClientOf, victor: User, schedule: Schedule, relay: Crew
) -> None:
    client = client_of(victor)
    assert "Morning relay" in client.get("/w/acme/schedules/").content.decode()
    filled = {"name": "x", "cron": "@daily", "timezone": "UTC", "overlap": "skip", "input-topic": "tides"}
    assert client.post(f"/w/acme/crews/{relay.pk}/schedule/", filled).status_code == 403
    assert client.post(f"/w/acme/schedules/{schedule.pk}/delete/").status_code == 403
    assert Schedule.objects.count() == 1
