"""The database fixtures: a clone per process, a rollback per test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

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

    storage.make_clone()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def _alone_with_the_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test sees another's caches, sessions, limits or messages, and no heart beats on when the database is shut to it."""
    asked = [name for name in ("fresh_db", "transactional_db", "db") if name in request.fixturenames]
    if not asked:
        yield
        return
    for name in asked:
        request.getfixturevalue(name)
    with redis.Redis.from_url(request.getfixturevalue("storage").redis_url) as client:
        client.flushall()
    yield
    leases = sys.modules.get("projects.work.leases")
    if leases is not None:
        leases.rest()


Settled = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def settled(storage: Storage, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Settled]:
    """For what all tests of a module share: what is written in `with settled():` stays until the module has ended."""
    from django.db import connections

    @contextmanager
    def writing() -> Iterator[None]:
        with django_db_blocker.unblock():
            yield

    yield writing
    with django_db_blocker.unblock():
        connections.close_all()
    storage.renew()


@pytest.fixture
def fresh_db(storage: Storage, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For tests that must really commit: threads, `on_commit`, locks. What they left is taken out afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
    storage.renew()
