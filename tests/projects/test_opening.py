"""How a run begins under a lease: the first time, with webhooks that want to know, and from a parent's record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from projects.ledger import Ledger
from projects.models import Run, RunEvent
from projects.webhooks.models import Delivery, Webhook
from projects.work import leases
from tenants.access import Member
from tests.projects.runs import a_ledger, a_run

pytestmark = pytest.mark.usefixtures("in_acme")


def test_the_first_worker_starts_the_clock_and_tells_it(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme, seconds=90)
    ledger = a_ledger()
    stored = Run.objects.get(pk=run.pk)
    assert (stored.status, stored.fence, stored.last_seq) == ("running", 1, 2)
    assert stored.started_at is not None
    assert stored.deadline_at == stored.started_at + timedelta(seconds=90)
    told = RunEvent.objects.get(run=run, seq=2)
    assert (told.type, told.data) == ("run.status", {"status": "running", "resumed": False})
    assert told.created_at == stored.started_at
    assert (ledger.run.status, ledger.run.started_at) == ("running", stored.started_at)
    assert ledger.recorded.call_count == 0


def test_a_webhook_that_wants_to_know_is_told(alice_at_acme: Member) -> None:
    for name, wanted, is_enabled in (
        ("told", "run.started", True),
        ("other", "run.failed", True),
        ("off", "run.started", False),
    ):
        Webhook.objects.create(name=name, url="https://hooks.example.org/", events=[wanted], is_enabled=is_enabled)
    run = a_run(alice_at_acme)
    a_ledger()
    assert [(sent.webhook.name, sent.event) for sent in Delivery.objects.all()] == [("told", "run.started")]
    assert Run.objects.get(pk=run.pk).status == "running"


def test_a_run_that_was_ended_meanwhile_is_not_begun(alice_at_acme: Member) -> None:

    run = a_run(alice_at_acme)
    lease = leases.claim(["crews"])
    assert lease is not None
    Run.objects.filter(pk=run.pk).update(status="cancelled", finished_at=run.created_at)
    assert Ledger.begin(lease) is None
    assert RunEvent.objects.filter(run=run).count() == 1
