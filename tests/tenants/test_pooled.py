"""Connections of a pool: which schema they read when they are taken out again, and what becomes of those that the server has closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from tenants.context import PUBLIC, enter
from tenants.database.base import DatabaseWrapper
from tests.servers.storage import Storage

pytestmark = pytest.mark.django_db
REPORTS_SEARCH_PATH = 180_000  # PostgreSQL 18


@pytest.fixture
def pooled() -> Iterator[Any]:
    """A database of Django's with a pool of one connection."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    wrapper: Any = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def _asked(pooled: Any, question: str) -> Any:
    with pooled.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _schema(pooled: Any) -> str:
    return str(_asked(pooled, "SELECT current_schema()"))


def test_taken_out_again_it_reads_the_workspace_of_the_moment(pooled: Any) -> None:
    for schema in ("t_acme", "t_acme", "t_globex", PUBLIC, "t_acme"):
        with enter(schema):
            assert _schema(pooled) == schema
            reports = pooled.connection.info.server_version >= REPORTS_SEARCH_PATH
            assert pooled._reported_search_path().split(", ")[0] == (schema if reports else "")
        pooled.close()


def test_what_a_rollback_takes_back_is_set_again(pooled: Any) -> None:
    with enter("t_acme"):
        assert _schema(pooled) == "t_acme"
        pooled.set_autocommit(False)
        with enter("t_globex"):
            assert _schema(pooled) == "t_globex"
        pooled.rollback()
        assert _schema(pooled) == "t_acme"
    with enter("t_globex"):
        assert _schema(pooled) == "t_globex"
        pooled.close()  # in the middle of it: the pool rolls back
        assert _schema(pooled) == "t_globex"


def test_one_that_the_server_has_closed_is_not_handed_out(pooled: Any, storage: Storage) -> None:
    before = _asked(pooled, "SELECT pg_backend_pid()")
    pooled.close()
    with psycopg.connect(storage.maintenance_url, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert _asked(pooled, "SELECT pg_backend_pid()") != before
