"""What a process knows of revocations: read again when the epoch has changed, from memory for a second otherwise."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.context import enter
from tenants.errors import WrongState
from tenants.models import Tenant
from tenants.provenance import revoked
from tenants.provenance.models import Revocation, RunOutcome
from tenants.provenance.revoking import Reason, restore, revoke

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
FIRST, OTHER = UUID(int=1), UUID(int=2)
REASON = Reason("malware", "It sends what it reads elsewhere.", "/market/globex/reader/")


def stop(*marks: str, block: UUID = FIRST, kind: Revocation.Kind = Revocation.Kind.HARD) -> int:
    return revoke(marks=marks, kind=kind, block_id=block, reason=REASON, effective_at=timezone.now())


def test_what_two_blocks_cover_is_free_when_both_are_lifted(db: None) -> None:
    stop(A, B)
    stop(B, block=OTHER)
    restore(block_id=FIRST)
    assert (revoked.hard([A]), revoked.hard([A, B]) is not None) == (None, True)
    restore(block_id=OTHER)
    assert revoked.hard([A, B]) is None
    assert Revocation.objects.filter(lifted_at__isnull=True).count() == 0
    assert Revocation.objects.count() == 3


def test_every_change_raises_the_epoch_by_one(db: None) -> None:
    first = stop(A)
    assert [stop(A), restore(block_id=FIRST), restore(block_id=FIRST)] == [first + 1, first + 2, first + 3]
    assert Revocation.objects.count() == 1


def test_a_change_that_is_rolled_back_never_was(db: None) -> None:
    def spoiled() -> None:
        with transaction.atomic():
            stop(A)
            Revocation.objects.update(reason="")

    with pytest.raises(IntegrityError):
        spoiled()
    revoked.memory.forget()
    assert revoked.hard([A]) is None


def test_within_a_second_memory_answers_and_then_one_query_while_nothing_changed(in_acme: Tenant) -> None:
    stop(A)
    assert revoked.hard([A]) is not None
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert revoked.hard([A]) is not None
        assert revoked.hard([]) is None
        assert revoked.soft([A]) is None
    assert len(asked) == 0
    time.sleep(revoked.FRESH_SECONDS)
    with CaptureQueriesContext(connection) as asked:
        assert revoked.hard([A]) is not None
    assert [query["sql"].split(" FROM ")[1].split(" ")[0] for query in asked] == ['"provenance_revocationepoch"']


def test_a_refusal_names_the_reason_and_the_page(db: None) -> None:
    stop(A)
    with pytest.raises(WrongState) as refused:
        revoked.refuse_hard([B, A])
    assert (refused.value.code, refused.value.detail) == (
        "revoked",
        "The marketplace has blocked it: It sends what it reads elsewhere. More: /market/globex/reader/",
    )
    revoked.refuse_hard([B])


def test_one_run_says_once_how_it_ended(acme: Tenant) -> None:
    told = {"tenant_id": acme.pk, "run_id": FIRST, "kind": "run", "status": "succeeded", "ended_at": timezone.now()}
    with enter("public"):
        RunOutcome.objects.create(digest=A, **told)
        RunOutcome.objects.create(digest=B, **told)
        with pytest.raises(IntegrityError), transaction.atomic():
            RunOutcome.objects.create(digest=A, **told)
