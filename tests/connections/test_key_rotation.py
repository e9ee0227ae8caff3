"""The operator's key changes; what workspaces sealed stays readable, and a lost key is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.connections.credentials import reveal
from agents.connections.models import Connection
from config.environment import Environment
from tenants import sealing
from tenants.models import Tenant
from tests.connections.conftest import DOOR, KEY, Add


@pytest.fixture(autouse=True)
def _no_keys_in_memory() -> Iterator[None]:
    sealing.forget_keys()
    yield
    sealing.forget_keys()


def use(settings: Settings, *keys: str) -> None:
    settings.CREDENTIALS_KEYS = list(keys)
    sealing.forget_keys()


def test_a_new_key_takes_over_and_the_old_one_may_go(add: Add, settings: Settings, in_acme: Tenant) -> None:
    use(settings, "the old key of the operator")
    add(credential=KEY)
    use(settings, "the new key", "the old key of the operator")
    assert reveal(Connection.objects.get()) == KEY
    call_command("rewrap_credentials", verbosity=0)
    use(settings, "the new key")
    assert reveal(Connection.objects.get()) == KEY


def test_a_lost_key_is_said_and_the_credential_can_be_given_again(
    api: APIClient, add: Add, settings: Settings, in_acme: Tenant
) -> None:
    use(settings, "the old key of the operator")
    made = add(credential=KEY)
    use(settings, "another key")
    problem = api.get(f"{DOOR}state/").json()["providers"][0]["problem"]
    assert problem == (
        "No key in CREDENTIALS_KEYS opens this workspace's secrets; bring the old key back, or give them again."
    )
    answer = api.patch(f"{DOOR}{made['id']}/", {"credential": "sk-given-again-0123"}, format="json")
    assert answer.status_code == 200, answer.content
    assert reveal(Connection.objects.get()) == "sk-given-again-0123"
    use(settings, "a third key", "another key")
    call_command("rewrap_credentials", verbosity=0)
    use(settings, "a third key")
    assert reveal(Connection.objects.get()) == "sk-given-again-0123"


def test_keys_come_from_a_file_and_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "keys"
    place.write_text("first\n\n  second \n")
    monkeypatch.setenv("CREDENTIALS_KEYS", "third, fourth")
    monkeypatch.setenv("CREDENTIALS_KEYS_FILE", str(place))
    assert Environment().sealing_keys == ["first", "second", "third", "fourth"]
