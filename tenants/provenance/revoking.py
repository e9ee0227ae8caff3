"""Writing revocations: rows and epoch in the caller's transaction, the push after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from tenants.provenance import revoked
from tenants.provenance.models import Revocation

_RAISE = """
INSERT INTO provenance_revocationepoch (id, seq, changed_at) VALUES (1, 1, now())
ON CONFLICT (id) DO UPDATE SET seq = provenance_revocationepoch.seq + 1, changed_at = now() RETURNING seq"""


@dataclass(frozen=True, slots=True)
class Reason:
    """What whoever holds it is told; `url` is a path of this site."""

    code: str
    text: str
    url: str = ""


def revoke(
    *, marks: Collection[str], kind: Revocation.Kind, block_id: UUID, reason: Reason, effective_at: datetime
) -> int:
    """Revoke `marks` for one block, and give the new epoch. Marks that the block has revoked already stay as they are."""
    with transaction.atomic():
        Revocation.objects.bulk_create(
            (
                Revocation(
                    digest=mark,
                    kind=kind,
                    block_id=block_id,
                    reason_code=reason.code,
                    reason=reason.text,
                    url=reason.url,
                    effective_at=effective_at,
                )
                for mark in sorted(set(marks))
            ),
            ignore_conflicts=True,
        )
        return _raise_epoch()


def restore(*, block_id: UUID) -> int:
    """Close what one block has revoked, and nothing else; the new epoch."""
    with transaction.atomic():
        now = timezone.now()
        Revocation.objects.filter(block_id=block_id, lifted_at__isnull=True).update(lifted_at=now, updated_at=now)
        return _raise_epoch()


def _raise_epoch() -> int:
    """The row's lock makes changes of revocations follow each other, so that a higher epoch never shows less."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE)
        seq = int(cursor.fetchone()[0])
    revoked.memory.forget()
    transaction.on_commit(_told, robust=True)
    return seq


def _told() -> None:
    revoked.memory.forget()
    revoked.announce()
