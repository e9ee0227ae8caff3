"""`providers/`: the chain of a workspace, and the keys that are given and never shown."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from agents.connections.credentials import reveal
from agents.connections.models import Connection, Credential
from tenants.models import Membership, Tenant, User
from tenants.sealing import Unsealable
from tenants.workspace.models import AuditEntry, RememberedRequest
from tests.conftest import ApiOf
from tests.connections.conftest import DOOR, KEY, Add
from tests.servers.llm import FakeLLM


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json().get("errors", [])]


def chain() -> list[tuple[str, int]]:
    return list(Connection.objects.values_list("name", "position"))


# --- making -------------------------------------------------------------------------------------------------------


def test_a_provider_is_added_at_the_end(api: APIClient, add: Add, in_acme: Tenant) -> None:
    first = add(
        credential=KEY, model="gpt-4o", models={"fast": "gpt-4o-mini"}, prices={"x": {"prompt": 0.5, "completion": 1.5}}
    )
    second = add(name="House", provider="ollama", base_url="http://models.example/")
    assert chain() == [("Team account", 1), ("House", 2)]
    assert {name: first[name] for name in ("base_url", "model", "models", "prices", "is_enabled", "is_private")} == {
        "base_url": "",
        "model": "gpt-4o",
        "models": {"fast": "gpt-4o-mini"},
        "prices": {"x": {"prompt": 0.5, "completion": 1.5}},
        "is_enabled": True,
        "is_private": False,
    }
    assert (second["base_url"], second["is_private"], second["credential"]) == ("http://models.example", True, None)
    listed = api.get(DOOR).json()["results"]
    assert [each["name"] for each in listed] == ["Team account", "House"]


def test_a_key_is_sealed_and_never_shown(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY)
    seen = made["credential"]
    assert (seen["last_four"], len(seen["fingerprint"])) == ("WXYZ", 12)
    connection = Connection.objects.get()
    assert reveal(connection) == KEY
    answers = [
        api.get(path).content for path in (DOOR, f"{DOOR}{made['id']}/", f"{DOOR}state/", "/w/acme/api/v1/audit/")
    ]
    kept = [Credential.objects.values_list(), Connection.objects.values_list(), AuditEntry.objects.values_list()]
    rows = [row for table in kept for row in table]
    assert len(rows) == 4  # the workspace, too, was made by a deed
    assert "canary" not in repr((answers, rows, connection.credential))


def test_a_repeated_request_adds_one_provider_and_keeps_no_key(api: APIClient, in_acme: Tenant) -> None:
    body = {"name": "Team account", "provider": "openai", "credential": KEY}
    answers = [api.post(DOOR, body, format="json", headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Connection.objects.count() == 1
    assert "canary" not in repr(list(RememberedRequest.objects.values()))


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"credential": ""}, ("credential", "invalid")),
        ({"credential": "two words"}, ("credential", "invalid")),
        ({"credential": "naïve-key"}, ("credential", "invalid")),
        ({"provider": "ollama"}, ("base_url", "invalid")),
        ({"provider": "copilot"}, ("provider", "invalid_choice")),
        ({"base_url": "http://10.0.0.7:8000/v1"}, ("base_url", "port")),
        ({"base_url": "http://user:pass@models.example/v1"}, ("base_url", "credentials")),
        ({"base_url": "file:///etc/passwd"}, ("base_url", "scheme")),
        ({"base_url": "https://0x7f.1/v1"}, ("base_url", "url")),
        ({"base_url": "https://models.example/v1?key=x"}, ("base_url", "invalid")),
        ({"prices": {"x": {"prompt": -1, "completion": 1}}}, None),
        ({"prices": {"x": {"prompt": 1}}}, None),
        ({"requests_per_minute": -1}, ("requests_per_minute", "min_value")),
        ({"position": 1}, ("position", "unknown")),
        ({"id": str(uuid4())}, ("id", "unknown")),
    ],
)
def test_what_cannot_be_is_refused(
    api: APIClient, in_acme: Tenant, sent: dict[str, Any], wrong: tuple[str, str] | None
) -> None:
    answer = api.post(DOOR, {"name": "Team", "provider": "openai", "credential": KEY, **sent}, format="json")
    assert answer.status_code == 400
    assert wrong is None or wrong in errors(answer)
    assert Connection.objects.count() == Credential.objects.count() == 0
    assert "canary" not in answer.content.decode()


def test_a_port_in_the_house_is_let_in_by_the_operator_alone(
    api: APIClient, add: Add, settings: Settings, in_acme: Tenant
) -> None:
    refused = api.post(DOOR, {"name": "H", "provider": "ollama", "base_url": "http://gpu.example:11434"}, format="json")
    assert "LOCAL_MODEL_HOSTS" in refused.json()["errors"][0]["detail"]
    settings.LOCAL_MODEL_HOSTS = ["gpu.example:11434"]
    assert (
        add(name="H", provider="ollama", base_url="http://gpu.example:11434")["base_url"] == "http://gpu.example:11434"
    )


def test_two_of_a_name_are_refused(api: APIClient, add: Add, in_acme: Tenant) -> None:
    add(credential=KEY)
    answer = api.post(DOOR, {"name": "Team account", "provider": "openai", "credential": KEY}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    assert Connection.objects.count() == 1


def test_there_is_an_end_to_chains(api: APIClient, in_acme: Tenant) -> None:
    Connection.objects.bulk_create(
        Connection(name=f"Number {place}", provider="openai", position=place) for place in range(1, 21)
    )
    answer = api.post(DOOR, {"name": "One more", "provider": "openai", "credential": KEY}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many")


# --- changing -----------------------------------------------------------------------------------------------------


def test_another_address_needs_the_key_again(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY)
    path = f"{DOOR}{made['id']}/"
    for change in ({"base_url": "https://collector.example/v1"}, {"provider": "anthropic"}):
        answer = api.patch(path, change, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "key_needed_again")
    assert Connection.objects.get().base_url == ""
    assert reveal(Connection.objects.get()) == KEY

    moved = api.patch(
        path, {"base_url": "https://collector.example/v1", "credential": "sk-another-0123"}, format="json"
    )
    assert (moved.status_code, moved.json()["credential"]["last_four"]) == (200, "0123")
    assert reveal(Connection.objects.get()) == "sk-another-0123"


def test_a_key_opens_at_no_other_address_and_in_no_other_row(add: Add, in_acme: Tenant) -> None:
    """What somebody with a hand in the database could try."""
    add(credential=KEY)
    other = Connection.objects.create(name="Other", provider="openai", position=2)
    Connection.objects.filter(name="Team account").update(base_url="https://collector.example/v1")
    with pytest.raises(Unsealable):
        reveal(Connection.objects.get(name="Team account"))
    Connection.objects.filter(name="Team account").update(base_url="")
    Credential.objects.create(connection=other, sealed=Credential.objects.get().sealed, last_four="", fingerprint="")
    with pytest.raises(Unsealable):
        reveal(Connection.objects.get(name="Other"))


def test_other_changes_keep_the_key(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY)
    changed = api.patch(f"{DOOR}{made['id']}/", {"name": "Ours", "requests_per_minute": 60}, format="json").json()
    assert (changed["name"], changed["requests_per_minute"], changed["credential"]["last_four"]) == ("Ours", 60, "WXYZ")
    assert reveal(Connection.objects.get()) == KEY


def test_a_key_is_replaced_and_removed(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY, base_url="https://models.example/v1")
    path = f"{DOOR}{made['id']}/"
    assert api.patch(path, {"credential": "sk-new-key-ABCD"}, format="json").json()["credential"]["last_four"] == "ABCD"
    assert api.patch(path, {"credential": ""}, format="json").json()["credential"] is None
    assert reveal(Connection.objects.get()) == ""


def test_the_official_address_keeps_needing_a_key(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY)
    answer = api.patch(f"{DOOR}{made['id']}/", {"credential": ""}, format="json")
    assert (answer.status_code, errors(answer)) == (400, [("credential", "invalid")])
    assert reveal(Connection.objects.get()) == KEY


def test_an_old_etag_is_refused(api: APIClient, add: Add, in_acme: Tenant) -> None:
    path = f"{DOOR}{add(credential=KEY)['id']}/"
    first = api.get(path)["ETag"]
    assert api.patch(path, {"name": "Ours"}, format="json", headers={"If-Match": first}).status_code == 200
    assert api.patch(path, {"name": "Mine"}, format="json", headers={"If-Match": first}).status_code == 412
    assert api.delete(path, headers={"If-Match": first}).status_code == 412
    assert Connection.objects.get().name == "Ours"


def test_the_chain_is_put_into_another_order(api: APIClient, add: Add, in_acme: Tenant) -> None:
    ids = [add(name=name, credential=KEY)["id"] for name in ("One", "Two", "Three")]
    answer = api.post(f"{DOOR}order/", {"order": [ids[2], ids[0], ids[1]]}, format="json")
    assert [each["name"] for each in answer.json()["results"]] == ["Three", "One", "Two"]
    for order in (ids[:2], [*ids, ids[0]], [*ids[:2], str(uuid4())]):
        assert api.post(f"{DOOR}order/", {"order": order}, format="json").status_code == 400
    assert chain() == [("Three", 1), ("One", 2), ("Two", 3)]


def test_a_deleted_provider_takes_its_key_along(api: APIClient, add: Add, in_acme: Tenant) -> None:
    path = f"{DOOR}{add(credential=KEY)['id']}/"
    assert [api.delete(path).status_code for _ in range(2)] == [204, 404]
    assert Connection.objects.count() == Credential.objects.count() == 0
    assert AuditEntry.objects.filter(action="provider.deleted").count() == 1


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_admins_change_providers(api_of: ApiOf, add: Add, acme: Tenant, in_acme: Tenant, role: str) -> None:
    made = add(credential=KEY)
    path = f"{DOOR}{made['id']}/"
    bob = User.objects.create_user("bob@acme.example")
    Membership.objects.create(user=bob, tenant=acme, role=role)
    bobs = api_of(bob)
    tried = [
        bobs.post(DOOR, {"name": "Mine", "provider": "openai", "credential": KEY}, format="json"),
        bobs.patch(path, {"base_url": "https://collector.example"}, format="json"),
        bobs.delete(path),
        bobs.post(f"{path}test/"),
        bobs.post(f"{DOOR}order/", {"order": [made["id"]]}, format="json"),
        bobs.post(f"{DOOR}forget-answers/", {}, format="json"),
    ]
    assert [answer.status_code for answer in tried] == [403] * 6
    seen = bobs.get(path).json()
    assert (seen["name"], seen["credential"]["last_four"], seen["credential"]["fingerprint"]) == (
        "Team account",
        "",
        "",
    )
    assert chain() == [("Team account", 1)]


# --- asking -------------------------------------------------------------------------------------------------------


def test_a_test_asks_the_server_with_the_key(api: APIClient, add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    made = add(credential=KEY, base_url=server.openai_url, model="fake-1")
    found = api.post(f"{DOOR}{made['id']}/test/").json()
    assert (found["ok"], found["detail"], found["models"]) == (True, "It answers and lists 1 model.", ["fake-1"])
    assert 0 < found["seconds"] < 5
    missing = api.patch(f"{DOOR}{made['id']}/", {"model": "gpt-9"}, format="json").json()
    found = api.post(f"{DOOR}{missing['id']}/test/").json()
    assert (found["ok"], found["detail"]) == (
        False,
        "It answers, but does not list the model “gpt-9”. It lists fake-1.",
    )


def test_a_test_of_a_dead_server_says_what_to_do(api: APIClient, add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    made = add(provider="ollama", base_url=server.url)
    server.stop()
    found = api.post(f"{DOOR}{made['id']}/test/").json()
    assert found["ok"] is False
    assert found["detail"].startswith("No connection to ollama at 127.0.0.1:")
    assert found["detail"].endswith("Check the address, and that the server runs and can be reached from here.")


def test_an_address_inside_is_not_reached(
    api: APIClient, add: Add, server: FakeLLM, settings: Settings, in_acme: Tenant
) -> None:
    made = add(provider="ollama", base_url=server.url)
    settings.LOCAL_MODEL_HOSTS, settings.EGRESS_PORTS = [], [int(server.url.rpartition(":")[2])]
    found = api.post(f"{DOOR}{made['id']}/test/").json()
    assert found["ok"] is False
    assert found["detail"].startswith("“127.0.0.1” has no public address that can be reached from here.")
    assert server.ledger() == []


def test_a_key_that_does_not_open_says_so(api: APIClient, add: Add, in_acme: Tenant) -> None:
    made = add(credential=KEY)
    Connection.objects.update(base_url="https://collector.example/v1")
    found = api.post(f"{DOOR}{made['id']}/test/").json()
    assert (found["ok"], found["detail"]) == (
        False,
        "This secret was sealed for another place or was changed; give it again.",
    )
    assert api.get(f"{DOOR}state/").json()["providers"][0]["problem"] == found["detail"]


def test_the_list_takes_few_queries(
    api: APIClient, add: Add, in_acme: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        add(name=f"Number {number}", credential=KEY)
    with django_assert_max_num_queries(5):
        assert len(api.get(DOOR).json()["results"]) == 3
