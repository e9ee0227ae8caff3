"""The page settings/providers/, which works without JavaScript."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.connections.credentials import reveal
from agents.connections.models import Connection
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.connections.conftest import KEY
from tests.servers.llm import FakeLLM

PAGE = "/w/acme/settings/providers/"


@pytest.fixture
def browser(client_of: ClientOf, alice: User) -> Client:
    return client_of(alice)


def form_of(**fields: str) -> dict[str, str]:
    return {"name": "Team account", "provider": "openai", "credential": KEY, "model": "", "base_url": "", **fields}


def test_a_provider_is_added_shown_and_its_key_is_not(browser: Client, in_acme: Tenant) -> None:
    assert b"No model answers here yet" in browser.get(PAGE).content
    assert browser.post(PAGE, form_of()).status_code == 302
    page = browser.get(PAGE).content.decode()
    assert "key …WXYZ" in page
    assert "In use" in page
    assert "canary" not in page
    assert reveal(Connection.objects.get()) == KEY


def test_what_is_wrong_stands_at_its_field(browser: Client, in_acme: Tenant) -> None:
    answer = browser.post(PAGE, form_of(base_url="ftp://models.example"))
    assert answer.status_code == 422
    assert "Only http and https addresses can be reached." in answer.content.decode()
    assert "canary" not in answer.content.decode()
    assert Connection.objects.count() == 0


def test_a_provider_is_changed_and_keeps_its_key(browser: Client, in_acme: Tenant) -> None:
    browser.post(PAGE, form_of())
    path = f"{PAGE}{Connection.objects.get().pk}/"
    page = browser.get(path).content.decode()
    assert ("canary" in page, 'autocomplete="off"' in page) == (False, True)
    change = form_of(
        credential="",
        name="Ours",
        is_enabled="on",
        requests_per_minute="60",
        tokens_per_minute="0",
        mapping="fast = gpt-4o-mini\n",
        prices="my model 0.5 1.5",
    )
    assert browser.post(path, change).status_code == 302
    changed = Connection.objects.get()
    assert (changed.name, changed.requests_per_minute, changed.mapping) == ("Ours", 60, {"fast": "gpt-4o-mini"})
    assert changed.prices == {"my model": {"prompt": "0.5", "completion": "1.5"}}
    assert reveal(changed) == KEY
    answer = browser.post(path, {**change, "base_url": "https://collector.example/v1"})
    assert (answer.status_code, "give the key again" in answer.content.decode()) == (422, True)
    assert browser.post(path, {**change, "mapping": "nonsense"}).status_code == 422


def test_the_chain_is_moved_tested_and_shortened(browser: Client, server: FakeLLM, in_acme: Tenant) -> None:
    for name in ("One", "Two"):
        browser.post(PAGE, form_of(name=name, base_url=server.openai_url, model="fake-1"))
    second = Connection.objects.get(name="Two")
    assert browser.post(f"{PAGE}{second.pk}/raise/").status_code == 302
    assert list(Connection.objects.values_list("name", flat=True)) == ["Two", "One"]
    tested = browser.post(f"{PAGE}{second.pk}/test/", follow=True).content.decode()
    assert "Two: It answers and lists 1 model." in tested
    browser.post(f"{PAGE}{second.pk}/delete/")
    assert [each.name for each in Connection.objects.all()] == ["One"]


def test_a_viewer_sees_the_chain_and_no_more(
    client_of: ClientOf, victor: User, browser: Client, in_acme: Tenant
) -> None:
    browser.post(PAGE, form_of())
    row = Connection.objects.get()
    looks = client_of(victor)
    page = looks.get(PAGE).content.decode()
    assert ("Team account" in page, "WXYZ" in page, "Add a provider" in page) == (True, False, False)
    tried = [
        looks.get(f"{PAGE}{row.pk}/"),
        looks.post(PAGE, form_of(name="Mine")),
        looks.post(f"{PAGE}{row.pk}/delete/"),
    ]
    assert [answer.status_code for answer in tried] == [403, 422, 403]
    assert Connection.objects.count() == 1


def test_a_key_that_does_not_open_is_shown_as_that(browser: Client, in_acme: Tenant) -> None:
    browser.post(PAGE, form_of())
    Connection.objects.update(base_url="https://collector.example/v1")
    page = browser.get(PAGE).content.decode()
    assert "Nobody answers now." in page
    assert "Cannot be used" in page
