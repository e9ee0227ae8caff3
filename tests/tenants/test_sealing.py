"""Secrets at rest."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tenants import sealing
from tenants.context import enter
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.sealing import Unsealable, place_of, seal, unseal
from tenants.workspace.models import DataKey

SECRET = "sk-" + "a1b2c3" * 8
HERE = place_of("connection", uuid7(), "credential")


@pytest.fixture(autouse=True)
def _no_keys_in_memory() -> Iterator[None]:
    sealing.forget_keys()
    yield
    sealing.forget_keys()


def test_what_was_sealed_opens_at_its_place(in_acme: Tenant) -> None:
    sealed = seal(SECRET, place=HERE)
    assert SECRET not in sealed
    assert SECRET.encode() not in base64.b64decode(sealed.split(".")[2])
    assert unseal(sealed, place=HERE) == SECRET
    assert seal(SECRET, place=HERE) != sealed, "the same text twice looks the same"
    assert DataKey.objects.count() == 1


def test_it_opens_in_no_other_row_and_no_other_workspace(in_acme: Tenant, globex: Tenant) -> None:
    sealed = seal(SECRET, place=HERE)
    with pytest.raises(Unsealable, match="another place"):
        unseal(sealed, place=place_of("connection", uuid7(), "credential"))
    row = DataKey.objects.get()
    with enter(globex.schema_name):
        with pytest.raises(Unsealable, match="gone"):
            unseal(sealed, place=HERE)
        DataKey.objects.create(number=row.number, wrapped=row.wrapped, wrapped_by=row.wrapped_by)
        with pytest.raises(Unsealable, match="CREDENTIALS_KEYS"):  # a stolen wrapped key is bound to its schema
            unseal(sealed, place=HERE)


@pytest.mark.parametrize("changed", ["", "s1", "s1.1.", "s2.1.AAAA", "s1.9.AAAA", "s1.x.AAAA", "s1.1.!!"])
def test_nonsense_is_refused_in_words(in_acme: Tenant, changed: str) -> None:
    seal(SECRET, place=HERE)
    with pytest.raises(Unsealable):
        unseal(changed, place=HERE)


def test_a_changed_byte_is_noticed(in_acme: Tenant) -> None:
    head, number, content = seal(SECRET, place=HERE).split(".")
    closed = bytearray(base64.b64decode(content))
    closed[-1] ^= 1
    with pytest.raises(Unsealable, match="changed"):
        unseal(f"{head}.{number}.{base64.b64encode(closed).decode()}", place=HERE)


def test_the_operators_key_is_replaced_without_losing_a_secret(in_acme: Tenant, settings: Any) -> None:
    settings.CREDENTIALS_KEYS = ["the first key"]
    sealed = seal(SECRET, place=HERE)
    settings.CREDENTIALS_KEYS = ["the second key", "the first key"]
    sealing.forget_keys()
    assert unseal(sealed, place=HERE) == SECRET
    said = StringIO()
    call_command("rewrap_credentials", stdout=said)
    assert said.getvalue().startswith("1 keys were wrapped anew")
    settings.CREDENTIALS_KEYS = ["the second key"]
    sealing.forget_keys()
    assert unseal(sealed, place=HERE) == SECRET
    settings.CREDENTIALS_KEYS = ["the first key"]
    sealing.forget_keys()
    with pytest.raises(Unsealable, match="bring the old key back"):
        unseal(sealed, place=HERE)
