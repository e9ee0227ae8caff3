"""The database fixtures: a clone per process, a rollback per test."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import redis
from pytest_django import DjangoDbBlocker

from tests.servers.storage import Storage

if TYPE_CHECKING:
    from projects.ledger.entries import Batch


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
    with nullcontext() if "fresh_db" in asked else _nothing_is_stored_by_itself():
        yield
    leases = sys.modules.get("projects.work.leases")
    if leases is not None:
        leases.rest()


@contextmanager
def _nothing_is_stored_by_itself() -> Iterator[None]:
    """Runs are stored when a test says so: the writer's own connection sees nothing that is not committed, and took them for lost
    where more than its 50 ms went by before the test had them stored."""
    from projects.ledger import writer as writing

    pause, writing.BATCH_SECONDS = writing.BATCH_SECONDS, 3600.0
    yield
    writing.BATCH_SECONDS = pause
    writer, nobody = writing.writer, _Nobody()
    with writer._guard:
        is_waiting = bool(writer._waiting)
        writer._waiting = {nobody} if is_waiting else set()
    if is_waiting:
        writer._urgent.set()
    while nobody in writer._waiting:
        time.sleep(0.001)


class _Nobody:
    """A run's book in which nothing is written."""

    schema, fence, run_id = "public", 0, UUID(int=0)

    def pending(self) -> Batch:
        from projects.ledger.entries import Batch

        return Batch()

    def put_back(self, batch: Batch) -> None:
        """It was empty."""

    def lose(self) -> None:
        """It is nobody's."""


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
