"""Bookmarks in a play, and links with which anybody may look at it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from simulations.models import Bookmark, Simulation, SimulationLink
from tenants.context import enter
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.simulations.conftest import Begin, work


@pytest.fixture
def played(begin: Begin) -> Simulation:
    simulation = begin(steps=3)
    assert work()
    simulation.refresh_from_db()
    return simulation


def url(simulation: Simulation, door: str) -> str:
    return f"/w/acme/api/v1/simulations/{simulation.pk}/{door}/"


def test_a_step_is_marked_found_again_and_let_go(api: APIClient, played: Simulation) -> None:
    made = api.post(url(played, "bookmarks"), {"step": 2, "note": "Here it turns."})
    assert made.status_code == 201
    (found,) = api.get(url(played, "bookmarks")).json()["results"]
    assert (found["step"], found["note"], found["made_by"]) == (2, "Here it turns.", "Alice Archer")
    assert api.delete(url(played, f"bookmarks/{found['id']}")).status_code == 204
    assert not Bookmark.objects.exists()


def test_a_step_that_was_not_played_cannot_be_marked(api: APIClient, played: Simulation) -> None:
    answer = api.post(url(played, "bookmarks"), {"step": 4})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "This simulation has played 3 steps; step 4 is not there yet."
    assert not Bookmark.objects.exists()


def test_who_may_only_look_marks_nothing(api_of: ApiOf, victor: User, played: Simulation) -> None:
    assert api_of(victor).post(url(played, "bookmarks"), {"step": 1}, format="json").status_code == 403
    assert not Bookmark.objects.exists()


def test_strangers_find_none_of_its_doors(api_of: ApiOf, mallory: User, played: Simulation) -> None:
    for door in ("bookmarks", "share", "inject", "seats"):
        assert api_of(mallory).get(url(played, door)).status_code == 404


def path_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.data
    shown: str = answer.json()["url"]
    return "/" + shown.split("/", 3)[3]


def test_anybody_with_the_address_sees_its_figures_and_its_pictures(
    api: APIClient, in_acme: Tenant, played: Simulation
) -> None:
    path = path_of(api.post(url(played, "share"), {}))
    assert re.fullmatch(r"/shared/simulations/[\w-]{54}/", path)
    answer = Client().get(path)
    assert answer.status_code == 200
    page = " ".join(answer.content.decode().split())
    assert played.title in page
    assert "<dt>Wanted share of similar neighbours</dt>" in page
    assert "After step 3: " in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    pictures = Client().get(f"{path}frames/?from=2").json()
    assert [frame["step"] for frame in pictures["frames"]][-1] == 3
    assert pictures["frames"][-1]["digest"] == played.digest
    with enter(in_acme.schema_name):
        assert SimulationLink.objects.get().last_seen_at is not None


def test_a_link_ends_when_it_is_taken_back_or_its_days_are_over(
    api: APIClient, in_acme: Tenant, played: Simulation
) -> None:
    path, other = path_of(api.post(url(played, "share"), {})), path_of(api.post(url(played, "share"), {"days": 1}))
    newest, oldest = api.get(url(played, "share")).json()["results"]
    assert api.delete(url(played, f"share/{oldest['id']}")).status_code == 204
    SimulationLink.objects.filter(pk=newest["id"]).update(expires_at=timezone.now() - timedelta(hours=1))
    for each in (path, other, f"{path}frames/", path[:-3] + "aa/"):
        assert Client().get(each).status_code == 404
    with enter(in_acme.schema_name):
        actions = list(AuditEntry.objects.order_by("created_at").values_list("action", flat=True))[-3:]
    assert actions == ["simulation.shared", "simulation.shared", "simulation.unshared"]


def test_its_key_is_not_written_into_the_log_of_requests() -> None:
    import logging

    from config.access_log import WithoutQueries

    record = logging.LogRecord("uvicorn.access", 20, "", 0, "%s", ("/shared/simulations/abcdef/frames/?from=2",), None)
    WithoutQueries().filter(record)
    assert record.args == ("/shared/simulations/…",)
