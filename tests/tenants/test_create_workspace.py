"""Making a workspace, and every name that is refused."""

from __future__ import annotations

import pytest
from django.db import connection

from tenants.access import get_member
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Tenant, User
from tenants.services import create_workspace


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        return {name for (name,) in cursor.fetchall()}


def test_its_maker_owns_it(db: None, mallory: User) -> None:
    tenant = create_workspace(name="Hooli Labs", slug="hooli-labs", by=mallory)
    assert get_member(mallory, tenant).role == "owner"
    assert tenant.schema_name == "t_hooli_labs"


@pytest.mark.parametrize(
    "slug",
    [
        "public",
        "pg-catalog",
        "www",
        "admin",
        "a",
        "ab",
        "A-Team",
        "two--hyphens",
        "-x-y",
        "x-y-",
        "1st",
        'a"; drop schema',
        "ä-b-c",
        "x" * 41,
        "",
        "a_b",
        "a/b",
        "acme\n",
    ],
)
def test_a_bad_address_is_refused_and_nothing_made(db: None, alice: User, slug: str) -> None:
    before = schemas()
    with pytest.raises(Invalid) as refused:
        create_workspace(name="Fine", slug=slug, by=alice)
    assert refused.value.errors[0].field == "slug"
    assert schemas() == before
    assert Tenant.objects.filter(name="Fine").count() == 0


def test_a_taken_address_is_a_conflict(db: None, alice: User) -> None:
    with pytest.raises(Conflict, match="/w/globex/ is taken"):
        create_workspace(name="Mine", slug="globex", by=alice)
    assert Tenant.objects.get(slug="globex").name == "Globex"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "line\nbreak"])
def test_a_bad_name_is_refused(db: None, alice: User, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_workspace(name=name, slug="good-slug", by=alice)
    assert refused.value.errors[0].field == "name"
    assert not Tenant.objects.filter(slug="good-slug").exists()


def test_strangers_and_disabled_people_are_no_members(db: None, alice: User, mallory: User, acme: Tenant) -> None:
    with pytest.raises(NotFound):
        get_member(mallory, acme)
    alice.is_active = False
    alice.save()
    with pytest.raises(NotFound):
        get_member(alice, acme)
