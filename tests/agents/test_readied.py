"""A crew that is started often is read once; whatever is changed about it, by whatever means, the next run has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from agents.models import Agent, Crew, CrewAgent, KnowledgeCollection
from projects.models import Run
from tenants.models import Tenant
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API

RUNS = f"{API}runs/"


def start(api: APIClient, crew: Crew) -> Run:
    answer = api.post(RUNS, {"crew": str(crew.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 202, answer.data
    return Run.objects.get(pk=answer.data["id"])


def _plainly(crew: Crew) -> None:
    with connection.cursor() as cursor:  # past every model and its `updated_at`
        cursor.execute("UPDATE agents_agent SET goal = 'Another goal.' WHERE name = 'writer'")


def _of_a_task(crew: Crew) -> None:
    crew.tasks.filter(name="t2").update(expected_output="A poem.")


def _of_a_collection(crew: Crew) -> None:
    made = KnowledgeCollection.objects.create(name="Tides")
    Agent.objects.get(name="writer").collections.add(made)


def _of_the_order(crew: Crew) -> None:
    CrewAgent.objects.filter(crew=crew, agent__name="writer").update(position=9)


CHANGES: list[tuple[Callable[[Crew], None], Callable[[dict[str, Any]], object], object]] = [
    (_plainly, lambda found: found["agents"][0]["goal"], "Another goal."),
    (_of_a_task, lambda found: found["tasks"][1]["expected_output"], "A poem."),
    (_of_a_collection, lambda found: len(found["collections"]["writer"]), 1),
    (_of_the_order, lambda found: [each["name"] for each in found["agents"]], ["editor", "writer"]),
]


@pytest.mark.parametrize(("change", "seen", "expected"), CHANGES)
def test_what_was_changed_is_in_the_next_run(
    api: APIClient, relay: Crew, change: Any, seen: Any, expected: object
) -> None:
    before = start(api, relay)
    assert start(api, relay).snapshot == before.snapshot
    assert seen({"collections": {"writer": []}, **before.snapshot} | _empty(before)) != expected
    change(relay)
    assert seen(start(api, relay).snapshot) == expected


def _empty(run: Run) -> dict[str, Any]:
    """A snapshot says null for an agent that may search everything."""
    return {"collections": {name: found or [] for name, found in run.snapshot["collections"].items()}}


def test_a_new_run_comes_with_its_line_its_entry_and_its_place(
    api: APIClient, relay: Crew, django_assert_num_queries: Any
) -> None:
    start(api, relay)
    with django_assert_num_queries(
        6
    ):  # who asks, the crew with its versions, all of it; accounts, place; reading it here
        run = start(api, relay)
    assert [(event.seq, event.type, event.data) for event in run.events.all()] == [
        (1, "run.status", {"status": "queued"})
    ]
    entry = AuditEntry.objects.get(action="run.started", target_id=run.pk)
    assert (entry.by_name, entry.via, entry.detail) == ("Alice Archer", "token", {"subject": str(relay.pk)})
    assert (run.status, run.last_seq, run.fence, run.origin) == ("queued", 1, 0, "api")


def test_a_deleted_crew_does_not_start(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    start(api, relay)
    gone = relay.pk
    relay.delete()
    assert api.post(RUNS, {"crew": str(gone), "inputs": {"topic": "tides"}}).status_code == 404
    assert Run.objects.count() == 1
