"""Putting an installation away, and bringing it back the same day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.installs import access, copying
from marketplace.installs.blocks import block_of
from marketplace.installs.copying.putting_away import bring_back, put_away
from marketplace.installs.models import Installation
from marketplace.installs.services import pinning
from marketplace.manifest.reading import read_json
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, WrongState

FORGET = "installation.forget"
QUEUE = "default"


@transaction.atomic
def remove_installation(*, installation: Installation, by: Member) -> Installation:
    """Put an installation away. What it made here goes with it, and can be brought back until the day is over; finished runs stay."""
    require_builder(by)
    installation = access.lock(installation.pk)
    installation.move_to(Installation.State.REMOVED)
    now = timezone.now()
    installation.removed_at, installation.undo_until = now, end_of_day(now)
    _put_copy_away(installation, by)
    installation.save()
    queue.enqueue(
        kind=FORGET, object_id=installation.pk, queue=QUEUE, after=(installation.undo_until - now).total_seconds()
    )
    audit.record("listing.removed", installation, by=by)
    pinning.leave_ledger(installation, by=by)
    return installation


def _put_copy_away(installation: Installation, by: Member) -> None:
    """Keep the rows of the copy as text, and delete them; somebody may have deleted them by hand."""
    copy = copying.copy_of(installation)
    if copy is None:
        return
    copier = copying.copier_of(installation)
    installation.put_away = put_away(copier.rows(copy))
    copying.put_in_place(installation, None)
    copier.remove(copy, by)


@transaction.atomic
def restore_installation(*, installation: Installation, by: Member) -> Installation:
    """Undo a removal: the copies come back under their own ids, with whatever people here had changed."""
    require_builder(by)
    installation = access.lock(installation.pk)
    if installation.is_active:
        raise WrongState(f"{installation.title} is not removed.")
    _require_restorable(installation)
    installation.move_to(Installation.State.ACTIVE)
    if installation.put_away:
        label = copying.copier_of(installation).label
        copying.put_in_place(installation, bring_back(installation.put_away, label))
    installation.put_away, installation.undo_until, installation.removed_at = None, None, None
    _save_alone(installation)
    queue.withdraw(kind=FORGET, object_id=installation.pk)
    audit.record("listing.restored", installation, by=by)
    pinning.enter_in_ledger(installation, by=by, fresh=True)
    return installation


@transaction.atomic
def forget_copies(installation_id: UUID) -> None:
    """Drop what was kept for undoing, once its day is over. Doing it again changes nothing."""
    Installation.objects.filter(
        pk=installation_id, state=Installation.State.REMOVED, undo_until__lte=timezone.now()
    ).update(put_away=None)


def end_of_day(now: datetime) -> datetime:
    """Midnight, by the clock of this installation."""
    local = timezone.localtime(now)
    return timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), time.min))


def _require_restorable(installation: Installation) -> None:
    if installation.undo_until is None or installation.undo_until <= timezone.now():
        raise WrongState(f"{installation.title} was removed too long ago. Install it again.", code="too_late")
    block = block_of(installation.digest, read_json(installation.manifest))
    if block is not None and block.is_hard:
        raise WrongState(block.sentence, code="revoked")


def _save_alone(installation: Installation) -> None:
    """Of the same listing only one can be installed: it may have been installed again meanwhile."""
    try:
        with transaction.atomic():
            installation.save()
    except IntegrityError as error:
        raise Conflict(
            f"{installation.title} was installed again meanwhile. Remove that one first.", code="already_installed"
        ) from error
