"""A crew from the market is started by a schedule only where whoever installed it allowed that."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Agent, Crew
from agents.schedules.models import Schedule
from projects.models import Run
from projects.work.models import WorkItem
from tenants.models import Tenant, User
from tests.agents.conftest import api, relay
from tests.conftest import ClientOf
from tests.schedules.test_schedules import DOOR, become_due, make, work

__all__ = ["api", "relay"]
WITHOUT = "installed without the permission to be started by a schedule."


def grant(row: Crew | Agent, *codes: str) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(grants=sorted(codes))


@pytest.fixture
def brought(relay: Crew) -> Crew:
    """The relay as if it had come from the market, with leave to start by itself."""
    grant(relay, "model:any", "schedule")
    return relay


def test_without_the_permission_no_schedule_is_made(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    grant(relay, "model:any")
    answer = make(api, relay)
    assert (answer.status_code, answer.data["code"]) == (409, "schedule_not_granted")
    assert answer.data["detail"].startswith(f"“Relay” was {WITHOUT}")
    assert (Schedule.objects.count(), WorkItem.objects.count()) == (0, 0)
    assert api.post("/w/acme/api/v1/runs/", {"crew": str(relay.pk), "inputs": {"topic": "tides"}}).status_code == 202


def test_an_agent_that_was_installed_for_itself_binds_its_crew(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    grant(Agent.objects.get(name="editor"), "model:any")
    answer = make(api, relay)
    assert (answer.status_code, answer.data["code"]) == (409, "schedule_not_granted")
    assert answer.data["detail"].startswith(f"The agent “editor” was {WITHOUT}")
    assert Schedule.objects.count() == 0


def test_what_was_taken_back_holds_when_the_time_has_come(api: APIClient, brought: Crew, in_acme: Tenant) -> None:
    schedule = Schedule.objects.get(pk=make(api, brought).data["id"])
    grant(brought, "model:any")
    become_due(schedule)
    assert work()
    schedule.refresh_from_db()
    assert schedule.last_outcome.startswith(f"Not started: “Relay” was {WITHOUT}")
    assert (schedule.is_enabled, Run.objects.count()) == (True, 0)
    grant(brought, "model:any", "schedule")
    become_due(schedule)
    assert work()
    assert Run.objects.get().origin == "schedule"


def test_it_is_switched_off_without_the_permission_and_not_on_again(
    api: APIClient, brought: Crew, in_acme: Tenant
) -> None:
    schedule = make(api, brought).data["id"]
    grant(brought, "model:any")
    assert api.patch(f"{DOOR}{schedule}/", {"cron": "@daily"}).data["code"] == "schedule_not_granted"
    assert api.patch(f"{DOOR}{schedule}/", {"is_enabled": False}).data["is_enabled"] is False
    assert api.patch(f"{DOOR}{schedule}/", {"is_enabled": True}).data["code"] == "schedule_not_granted"
    assert Schedule.objects.get().cron == "30 7 * * 1-5"


def test_the_page_says_so_before_anybody_fills_it_in(client_of: ClientOf, alice: User, relay: Crew) -> None:
    page = f"/w/acme/crews/{relay.pk}/schedule/"
    assert 'name="cron"' in client_of(alice).get(page).content.decode()
    grant(relay, "model:any")
    barred = client_of(alice).get(page).content.decode()
    assert WITHOUT in barred
    assert 'name="cron"' not in barred
