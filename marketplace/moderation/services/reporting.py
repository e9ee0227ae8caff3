"""Reports: one for each person and thing while it is open, so many a day, each with an outcome that the reporter hears."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.access import is_of, require_reviewer
from marketplace.moderation.actors import Actor
from marketplace.moderation.models import Decision, ReasonCode, Report, ReviewTask
from marketplace.moderation.services import settling
from marketplace.moderation.services.deciding import decide
from marketplace.moderation.services.tasks import lock_task, open_task, require_free
from marketplace.moderation.targets import ReviewOf, target_of, target_of_row
from marketplace.moderation.verdicts import Verdict
from tenants.errors import Conflict, Forbidden, Invalid, RateLimited, WrongState
from tenants.models import User

Reported = Listing | Publisher | ReviewOf
WEIGHTS: Final = {
    ReasonCode.MALWARE: 300, ReasonCode.ILLEGAL: 300, ReasonCode.SECRET: 200, ReasonCode.TENANT_DATA: 200, ReasonCode.INJECTION: 200,
    ReasonCode.IMPERSONATION: 150,
}  # fmt: skip
ANY_OTHER: Final = 50
URGENT: Final = frozenset({ReasonCode.MALWARE, ReasonCode.ILLEGAL, ReasonCode.SECRET, ReasonCode.TENANT_DATA})
LONGEST: Final = 4_000


@transaction.atomic
def report(
    about: Reported,
    *,
    reason: ReasonCode,
    text: str,
    by: User,
    version: ListingVersion | None = None,
    tenant_id: UUID | None = None,
    run_id: UUID | None = None,
) -> Report:
    """Tell the platform that something is wrong with `about`.

    Raises Forbidden for one's own, Conflict while an earlier report of the same is read, RateLimited beyond a day's number.
    """
    target = target_of(about)
    words = _checked(text)
    if target.kind != "review" and target.publisher is not None and is_of(by, target.publisher):
        raise Forbidden("This is of your own publisher; nobody reports their own.", code="own_publisher")
    _count(by)
    task = open_task(
        kind=ReviewTask.Kind.REPORT,
        about=about,
        reasons=[reason.value],
        weight_info={reason.value: WEIGHTS.get(reason, ANY_OTHER)},
        due=timedelta(hours=12) if reason in URGENT else None,
        by=Actor("author", by.pk, by.get_full_name(), tenant_id),
    )
    row = Report(
        version=version, reporter_id=by.pk, reporter_name=by.get_full_name(), tenant_id=tenant_id, reason=reason, text=words,
        run_id=run_id, task=task, **target.columns,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "You have reported this already; we are reading it and will tell you what came of it.",
            code="already_reported",
        ) from None
    return row


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(f"Say what is wrong, in at most {LONGEST} characters.")
    return words


def _count(by: User) -> None:
    """The person's row is the lock: two reports at once count one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    since = timezone.now() - timedelta(days=1)
    recent = Report.objects.filter(reporter_id=by.pk, created_at__gt=since).order_by("created_at")
    if recent.count() >= settings.REPORTS_PER_DAY:
        oldest = recent.values_list("created_at", flat=True)[0]
        wait = oldest + timedelta(days=1) - timezone.now()
        raise RateLimited(
            f"{settings.REPORTS_PER_DAY} reports a day are the most that one person may send. Come back tomorrow.",
            retry_after=max(1, int(wait.total_seconds())),
        )


@transaction.atomic
def decide_report(
    task_id: UUID, *, outcome: Literal["confirmed", "dismissed"], note: str, by: User, verdict: Verdict | None = None
) -> Decision:
    """Decide the reports that a task gathers: confirmed ones with what is done about it, dismissed ones without.

    `note` is what the reporters read, all of them, once the decision is carried out.
    """
    task = lock_task(task_id)
    if task.kind != ReviewTask.Kind.REPORT:
        raise WrongState("This is not a task about reports.")
    require_reviewer(by, target_of_row(task).publisher)
    require_free(task, by)
    acts = verdict is not None and verdict.action != Decision.Action.DISMISS
    if acts != (outcome == "confirmed"):
        raise Invalid("A confirmed report says what is done about it; a dismissed one does nothing.")
    settling.note(task, note)
    return decide(task, verdict=verdict or Verdict(Decision.Action.DISMISS, reasoning=note), by=by)
