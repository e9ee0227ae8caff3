"""What a run's threads say at once, while the writer stores it from a thread of its own."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from projects.models import RunEvent
from tenants.access import Member
from tests.projects.runs import a_ledger, a_run

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def db(fresh_db: None) -> None:
    """The writer has a connection of its own, so everything here is really committed."""


def test_lines_of_many_threads_have_no_gap(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()

    def speak(name: str) -> None:
        for n in range(50):
            ledger.emit("agent.task", who=name, n=n)
        connection.close()

    threads = [threading.Thread(target=speak, args=(f"thread {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.flush()
    told = RunEvent.objects.filter(run=run, type="agent.task").order_by("seq")
    assert [event.seq for event in RunEvent.objects.filter(run=run).order_by("seq")] == list(range(1, 203))
    for name in ("thread 0", "thread 3"):
        assert [e.data["n"] for e in told if e.data["who"] == name] == list(range(50))
