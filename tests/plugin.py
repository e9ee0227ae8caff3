"""Starts PostgreSQL and valkey for the tests, once, and gives every process its own clone of a migrated database.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers to use instead. Nothing is started until a test asks for the database.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.storage import Storage

_storage: list[Storage] = []
_APART = 20  # files between two that mostly wait; the first two begin at once


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before pytest-django reads the settings: say where the database will be."""
    from tests.servers.storage import Storage

    os.environ["ENVIRONMENT"] = "testing"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    storage = Storage.reserve(worker=os.environ.get("PYTEST_XDIST_WORKER", "main"))
    os.environ.update(storage.env)
    _storage.append(storage)


def pytest_configure(config: pytest.Config) -> None:
    """Our fixtures come after pytest-django's and so replace its database setup."""
    from tests.servers import database, live, network, stacks, windows

    network.close_to_the_outside()
    for module in (database, live, stacks, windows):
        config.pluginmanager.register(module, f"guildhall-{module.__name__}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded now is here for good: garbage is not looked for meanwhile, nor later among close to a million objects."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of one live stack follow each other. Files whose tests mostly wait are dealt out among the first of the others:
    what computes goes on while they wait, and no process is left alone with one of them at the end."""
    from tests.servers.stacks import file_of, together

    scopes = {item: together(file_of(item.path)) for item in items}
    slow = {scopes[item][0] for item in items if item.get_closest_marker("slow")}
    order = dict.fromkeys(scope for scope, _ in scopes.values())
    turns = {scope: (turn, True, 0) for turn, scope in enumerate(each for each in order if each not in slow)}
    for number, scope in enumerate(each for each in order if each in slow):
        turns[scope] = (_APART * max(number - 1, 0), False, number)
    items.sort(key=lambda item: (turns[scopes[item][0]], scopes[item][1]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file goes to one process, and so do all files of one live stack."""
    from tests.servers.together import Together

    return Together(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, None, None]:
    from tests.servers.stacks import shared

    yield
    shared.end_unless_wanted(nextitem)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """With xdist the controller owns PostgreSQL: its workers come and go."""
    if getattr(session.config.option, "dist", "no") != "no":
        _storage[0].start_postgres()


@pytest.fixture(scope="session")
def storage() -> Storage:
    """PostgreSQL and valkey of this process, running."""
    _storage[0].start()
    return _storage[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure on the live stack shows what its processes said. In CI a browser test that skips is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but CI must run it: {report.longrepr}"
    live = getattr(item, "funcargs", {}).get("live_stack")
    if report.failed and live is not None:
        report.sections.append(("live stack", live.tails()))
    return report


def pytest_unconfigure() -> None:
    for storage in _storage:
        storage.stop()
    sys.stdout.flush()
