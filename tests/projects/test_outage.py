"""PostgreSQL goes away in the middle of work: nothing fails, nothing counts as a crash, the work goes on."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import OperationalError

from projects.work import leases, queue, tasks
from projects.work.models import WorkItem
from tenants.context import enter
from tenants.ids import uuid7


def test_an_outage_puts_the_work_back_without_counting_a_crash(fresh_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[UUID, str]] = []

    def stopped(_: object) -> leases.Ending:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setitem(queue._kinds, "outage", queue.Kind(stopped, lambda i, why: told.append((i, why))))
    made = uuid7()
    with enter("t_acme"):
        queue.enqueue(kind="outage", object_id=made, queue="crews")
    lease = leases.claim(["crews"])
    assert lease is not None
    tasks.carry_out(lease)
    item = WorkItem.objects.get(object_id=made)
    assert (item.state, item.crashes, told) == ("queued", 0, [])
    assert leases.claim(["crews"]) is None, "it waits a moment before the next try"
