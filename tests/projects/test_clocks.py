"""A machine whose clock is wrong neither loses its work nor ends it early: leases and deadlines go by the database's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.ledger import Ledger
from projects.models import Run
from projects.work import leases
from projects.work.models import WorkItem
from projects.work.sweeping import sweep
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.projects.runs import a_ledger, a_run, succeed


@pytest.mark.parametrize("hours", [-48, 48])
def test_another_idea_of_the_time(
    in_acme: Tenant, alice_at_acme: Member, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    run = a_run(alice_at_acme)
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
    with enter(PUBLIC):
        lease = leases.claim(["crews"])
        assert lease is not None
        leases.beat()
        sweep()
        assert WorkItem.objects.get(object_id=run.pk).state == "running"
    ledger = Ledger.begin(lease)
    assert ledger is not None
    ledger.check()
    begun = Run.objects.get(pk=run.pk)
    assert begun.deadline_at is not None
    assert abs(begun.deadline_at - right() - timedelta(seconds=run.seconds_allowed)) < timedelta(minutes=1)
    monkeypatch.undo()
    taken_over = Ledger.begin(lease)
    assert taken_over is not None
    assert abs(taken_over.ends - ledger.ends) < 60


def test_a_run_ends_after_it_began_whatever_its_worker_s_clock_says(
    in_acme: Tenant, alice_at_acme: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(alice_at_acme)
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() - timedelta(minutes=10))
    ledger = a_ledger()
    succeed(ledger, "Done.")
    ended = Run.objects.get(pk=ledger.run_id)
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert timedelta(0) <= ended.finished_at - ended.started_at < timedelta(minutes=1)
