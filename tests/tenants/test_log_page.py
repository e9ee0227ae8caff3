"""The page of the audit log, and its table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants import audit
from tenants.access import Member
from tenants.context import enter
from tenants.models import Membership, Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf, ClientOf

PAGE, FILE, DOOR = "/w/acme/settings/log/", "/w/acme/settings/log/audit.csv", "/w/acme/api/v1/audit/"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def browser(client_of: ClientOf, alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def told(in_acme: Tenant, alice_at_acme: Member, victor_at_acme: Member) -> list[AuditEntry]:
    """Five more entries, a day apart from New Year on; the last of them the platform's own."""
    made = [audit.record("crew.created", None, by=alice_at_acme, number=number) for number in range(3)]
    made += [
        audit.record("crew.deleted", None, by=victor_at_acme, name="=1+1"),
        audit.record_own("budget.warning", None),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # nothing but this lets an entry be changed
        for day, entry in enumerate(made):
            AuditEntry.objects.filter(pk=entry.pk).update(created_at=NEW_YEAR + timedelta(days=day))
        cursor.execute("SET LOCAL session_replication_role = origin")
    return made


def actions(api: Any, **asked: str) -> list[str]:
    return [entry["action"] for entry in api.get(DOOR, asked).json()["results"]]


def test_it_says_who_did_what_to_what_when_and_from_where(browser: Client, alice: User, acme: Tenant) -> None:
    browser.post("/w/acme/keys/", {"name": "nightly <b>", "role": "viewer", "days": "30"}, REMOTE_ADDR="192.0.2.7")
    page = browser.get(PAGE).content.decode()
    for said in (
        "API key created",
        "days: 30, role: viewer",
        "Alice Archer",
        "nightly &lt;b&gt;",
        "On the site",
        "192.0.2.7",
    ):
        assert said in page
    with enter(acme.schema_name):
        assert AuditEntry.objects.values_list("action", "address").latest("created_at") == ("key.created", "192.0.2.7")


def test_a_program_is_told_from_a_person(api_of: ApiOf, alice: User, browser: Client) -> None:
    api_of(alice).post("/w/acme/api/v1/api-keys/", {"name": "n"}, format="json", REMOTE_ADDR="2001:db8::5")
    page = browser.get(PAGE).content.decode()
    assert "A program, signed in" in page
    assert "2001:db8::5" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"action": "crew"}, ["crew.deleted", *["crew.created"] * 3]),
        ({"action": "crew.created", "from": "2026-01-02"}, ["crew.created"] * 2),
        ({"from": "2026-01-02", "to": "2026-01-03"}, ["crew.created"] * 2),
        ({"to": "2025-12-31"}, []),
    ],
)
def test_the_door_narrows_by_action_and_days(
    api_of: ApiOf, alice: User, told: list[AuditEntry], asked: dict[str, str], found: list[str]
) -> None:
    assert actions(api_of(alice), **asked) == found


def test_the_door_narrows_by_person_and_refuses_what_it_does_not_know(
    api_of: ApiOf, alice: User, victor: User, told: list[AuditEntry]
) -> None:
    api = api_of(alice)
    assert actions(api, by=str(victor.pk)) == ["crew.deleted"]
    for wrong in ({"by": "victor"}, {"from": "yesterday"}, {"to": "2026-02-31"}, {"to": "9999-12-31"}, {"who": "x"}):
        answer = api.get(DOOR, wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(wrong)))


def test_the_page_narrows_to_a_person_who_has_left(browser: Client, victor: User, told: list[AuditEntry]) -> None:
    Membership.objects.filter(user=victor).delete()
    page = browser.get(PAGE, {"by": str(victor.pk)}).content.decode()
    assert f'<option value="{victor.pk}" selected>Victor Vale</option>' in page
    assert "Crew deleted" in page
    assert "Crew created</a>" not in page
    own = browser.get(PAGE, {"by": "platform"}).content.decode()
    assert "Budget warning</a>" in own
    assert "Crew deleted</a>" not in own
    assert browser.get(PAGE, {"from": "soon"}).status_code == 422


def test_pages_go_on_from_the_last_entry_whatever_is_added(
    browser: Client, alice_at_acme: Member, in_acme: Tenant
) -> None:
    for number in range(60):
        audit.record("crew.changed", None, by=alice_at_acme, number=number)
    first = browser.get(PAGE, {"action": "crew"}).content.decode()
    assert first.count("Crew changed</a>") == 50
    older = first.partition("before=")[2][:36]
    audit.record("crew.changed", None, by=alice_at_acme)
    second = browser.get(PAGE, {"action": "crew", "before": older}).content.decode()
    assert [f"number: {number}</span>" in second for number in (10, 9, 0)] == [False, True, True]
    assert second.count("Crew changed</a>") == 10
    assert "Older" not in second


def test_the_table_holds_what_is_asked_for_and_no_formula(
    browser: Client, api_of: ApiOf, alice: User, told: list[AuditEntry]
) -> None:
    answer = browser.get(FILE, {"action": "crew", "from": "2026-01-03"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    head, *lines = csv.reader(io.StringIO(answer.content.decode()))
    assert head == ["when", "who", "who_id", "via", "address", "action", "what", "what_id", "name", "detail"]
    assert [(line[0], line[1], line[5], line[9]) for line in lines] == [
        ("2026-01-04T00:00:00+00:00", "Victor Vale", "crew.deleted", '{"name": "=1+1"}'),
        ("2026-01-03T00:00:00+00:00", "Alice Archer", "crew.created", '{"number": 2}'),
    ]
    same = api_of(alice).get(DOOR, {"action": "crew", "from": "2026-01-03"}, HTTP_ACCEPT="text/csv")
    assert same.content == answer.content


def test_only_admins_read_it(client_of: ClientOf, victor: User, mallory: User, told: list[AuditEntry]) -> None:
    assert PAGE not in client_of(victor).get("/w/acme/settings/").content.decode()
    for page in (PAGE, FILE):
        assert client_of(victor).get(page).status_code == 403
        assert client_of(mallory).get(page).status_code == 404
        assert Client().get(page).status_code == 302
