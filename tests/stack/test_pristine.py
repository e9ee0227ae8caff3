"""A database that tests wrote to is taken back to what it was, or told apart from one that cannot be."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from tests.servers.pristine import Pristine
from tests.servers.storage import Storage

WRITTEN = (
    "UPDATE public.tenants_user SET name = 'Somebody else' WHERE email LIKE 'alice@%'",
    "SET session_replication_role = replica",  # past the triggers of the audit log
    "DELETE FROM t_acme.workspace_auditentry",
    "SET session_replication_role = origin",
    "INSERT INTO public.django_session VALUES ('k', 'v', now())",
    "SELECT nextval(seqrelid::regclass) FROM pg_sequence LIMIT 3",
)


def everything(url: str) -> dict[str, list[str]]:
    """The rows of each table, as text."""
    found = {}
    with psycopg.connect(url) as connection:
        for table in Pristine.of(url).tables:
            name = table.name.as_string(connection)
            rows = connection.execute(sql.SQL("SELECT each::text FROM {} each ORDER BY 1").format(table.name))
            found[name] = [text for (text,) in rows]
    return found


@pytest.fixture
def url(storage: Storage, fresh_db: None) -> str:
    return storage.url_of(storage.database)


def test_what_was_written_is_taken_out_and_what_was_deleted_put_back(url: str) -> None:
    new, before = Pristine.of(url), everything(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in WRITTEN:
            connection.execute(statement)
    assert everything(url) != before
    assert new.restore(url)
    assert everything(url) == before
    assert Pristine.of(url).sequences == new.sequences
    assert new.restore(url), "and once more"


@pytest.mark.parametrize(
    "change", ["CREATE SCHEMA t_more", "ALTER TABLE public.tenants_user RENAME COLUMN name TO nick"]
)
def test_another_structure_takes_another_clone(url: str, change: str) -> None:
    new = Pristine.of(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change)
    assert not new.restore(url)
