"""The database fixtures: a clone per process, a rollback per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from pytest_django import DjangoDbBlocker

from tests.servers.storage import Storage


@pytest.fixture(scope="session")
def django_db_setup(
    storage: Storage, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """This process's clone. Tests roll back, so it is made once."""
    from django.db import connections

    storage.clone(storage.database)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def _empty_valkey(request: pytest.FixtureRequest) -> None:
    """No test sees another's caches, sessions, limits or messages."""
    if {"db", "fresh_db", "transactional_db"} & set(request.fixturenames):
        running = request.getfixturevalue("storage")
        with redis.Redis.from_url(running.redis_url) as client:
            client.flushall()


@pytest.fixture
def fresh_db(storage: Storage, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For tests that must really commit: threads, `on_commit`, locks. The clone is thrown away afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
    storage.clone(storage.database)
