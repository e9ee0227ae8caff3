"""The tenant of a call is the tenant of its context, however calls are interleaved."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from projects.models import Project
from tenants.context import bind, current_schema, enter, in_tenant
from tenants.models import Tenant

SCHEMAS = {"t_acme": "of acme", "t_globex": "of globex"}


@pytest.fixture
def marked(fresh_db: None) -> None:
    """Each workspace has one project that tells whose it is."""
    for schema, name in SCHEMAS.items():
        with enter(schema):
            Project.objects.create(name=name)


def mark() -> str:
    return Project.objects.get().name


def test_sockets_of_two_workspaces_never_read_each_other(marked: None) -> None:
    """Channels' own way (one thread for all sockets, tenant set once) fails this: see docs/architecture.md."""
    wrong: list[str] = []

    async def socket(schema: str, chance: random.Random) -> None:
        for _ in range(20):
            found = await in_tenant(schema, mark)
            if found != SCHEMAS[schema]:
                wrong.append(found)
            await asyncio.sleep(chance.random() / 1000)

    async def crowd() -> None:
        await asyncio.gather(*(socket(schema, random.Random(n)) for n in range(25) for schema in SCHEMAS))

    asyncio.run(crowd())
    assert wrong == []


def test_a_tenant_set_in_one_task_is_not_seen_by_its_neighbour(marked: None) -> None:
    async def one(schema: str) -> str:
        bind(Tenant(schema_name=schema))
        await asyncio.sleep(0.01)
        return await sync_to_async(mark, thread_sensitive=False)()

    async def both() -> list[str]:
        return await asyncio.gather(*(one(schema) for schema in SCHEMAS))

    assert asyncio.run(both()) == ["of acme", "of globex"]


def test_a_bare_thread_is_in_public_and_never_in_a_tenant(marked: None) -> None:
    seen = []
    with enter("t_acme"):
        thread = threading.Thread(target=lambda: seen.append(current_schema()))
        thread.start()
        thread.join()
    assert seen == ["public"]


def test_the_path_survives_rollbacks(db: None) -> None:
    """django-tenants 3 read the wrong tenant after a savepoint was rolled back."""
    for schema, name in SCHEMAS.items():
        with enter(schema):
            Project.objects.create(name=name)
    with enter("t_acme"):
        with pytest.raises(ZeroDivisionError):
            read_globex_and_fail()
        assert mark() == "of acme"


@transaction.atomic
def read_globex_and_fail() -> None:
    with enter("t_globex"):
        assert mark() == "of globex"
        raise ZeroDivisionError


def test_with_tenant_is_banned(acme: Tenant) -> None:
    with pytest.raises(RuntimeError, match=r"Use tenants\.context\.enter"), acme:
        pass


def test_a_tenant_s_tables_do_not_exist_in_public(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name LIKE 'projects\\_%%'"
        )
        assert cursor.fetchone() == (0,)
