"""A version on its way, in a worker: checked, evaluated, then sent where it belongs. Every step can be begun again.

The work's schema is the sandbox's; what is published stands in the public one, which every schema reads.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.manifest.comparing import compare
from marketplace.manifest.reading import read_json
from marketplace.models import InstallLedger, ListingVersion, Publisher
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.services import decide_automatically, open_task
from marketplace.publishing import verdicts
from marketplace.publishing.background import enqueue_submission
from marketplace.publishing.checking import report_of
from marketplace.publishing.directing import Facts, To, route
from marketplace.publishing.market import live_of
from marketplace.sandbox import evaluating
from marketplace.sandbox.models import EvaluationRun
from marketplace.sandbox.workplace import attendant, ensure_sandbox
from projects.work.leases import Ending, Lease
from projects.work.threads import in_workspace

log = logging.getLogger("guildhall.market")
States = ListingVersion.ReviewState
LOOK_SECONDS = 1.0
TRY_AGAIN_SECONDS = 120.0


async def carry_out(lease: Lease) -> Ending:
    """Carry out work of the kind `submission`: as far as it goes now, and another look in a while."""
    return await in_workspace(lease.schema, step, lease)


def step(lease: Lease) -> Ending:
    """Idempotent: what is done is found done, and each change of state expects the state before it."""
    version = ListingVersion.objects.select_related("listing__publisher").filter(pk=lease.object_id).first()
    if version is None or version.review_state not in {States.SUBMITTED, States.CHECKING, States.PUBLISHED}:
        return "done"
    if _sent_back(version.pk):
        return "done"
    lease.check()
    evaluation = evaluating.advance(_evaluation(version.pk), by=attendant(ensure_sandbox()))
    if not evaluation.has_ended:
        lease.pause = LOOK_SECONDS
        return "queued"
    _send_on(version.pk, evaluation)
    return "done"


@transaction.atomic
def _sent_back(version_id: UUID) -> bool:
    """Begin with the checks. True when it goes no further: what is enforced is wrong, so that nothing of it is run anywhere."""
    version = transitions.lock(version_id)
    if version.review_state == States.SUBMITTED:
        version = transitions.move(version_id, to=States.CHECKING, expected={States.SUBMITTED}, by=SYSTEM)
    if version.review_state != States.CHECKING:
        return version.review_state != States.PUBLISHED
    wrong = [finding for finding in report_of(version).findings if finding.stops]
    if wrong:
        decide_automatically(version, verdict=verdicts.changes(wrong))
    return bool(wrong)


@transaction.atomic
def _evaluation(version_id: UUID) -> EvaluationRun:
    return evaluating.evaluation_for(transitions.lock(version_id))


@transaction.atomic
def _send_on(version_id: UUID, evaluation: EvaluationRun) -> None:
    """Publish, or put it before a person. Somebody may have withdrawn it meanwhile; then nothing is left to do."""
    version = transitions.lock(version_id)
    if version.review_state != States.CHECKING:
        return
    facts = facts_of(version, evaluation)
    chosen = route(facts)
    if chosen.to == To.MARKET:
        decide_automatically(version, verdict=verdicts.approval(_why(facts)))
        if facts.for_everybody:
            open_task(kind=ReviewTask.Kind.RETRO, about=version, reasons=["automatic"], weight_info=chosen.points)
        return
    moved = transitions.move(version_id, to=States.IN_REVIEW, expected={States.CHECKING}, by=SYSTEM)
    open_task(kind=ReviewTask.Kind.VERSION, about=moved, reasons=chosen.reasons, weight_info=chosen.points)


def _why(facts: Facts) -> str:
    if not facts.for_everybody:
        return "The checks found nothing against it; it is for its own workspaces."
    return "Low risk, nothing found, its cases pass, and it asks for no more than the version before."


def facts_of(version: ListingVersion, evaluation: EvaluationRun) -> Facts:
    """What the route depends on, as it is now."""
    report, publisher, listing = report_of(version), version.listing.publisher, version.listing
    live = live_of(listing, but=version)
    widens = live is not None and compare(read_json(live.manifest), read_json(version.manifest)).widens
    return Facts(
        for_everybody=version.is_for_everybody,
        risk=ListingVersion.Risk(version.risk).name.lower(),
        standing=publisher.standing,
        human_approvals=_human_approvals(publisher),
        findings=report.findings,
        missing_checks=report.missing,
        widens=widens,
        evaluated=evaluation.state == EvaluationRun.State.DONE,
        good=evaluation.is_good,
        worse=evaluating.is_worse(evaluation, evaluating.latest(live) if live else None),
        featured=listing.featured_until is not None and listing.featured_until > timezone.now(),
        holders=InstallLedger.objects.filter(listing=listing, state=InstallLedger.State.INSTALLED).count(),
    )


def _human_approvals(publisher: Publisher) -> int:
    """How many of its versions a person has approved, without taking that back."""
    people = [Decision.Source.MODERATOR, Decision.Source.SECOND_LEVEL]
    approvals = Decision.objects.filter(
        action=Decision.Action.APPROVE, source__in=people, version__listing__publisher=publisher
    )
    return approvals.filter(executed_at__isnull=False, undone_at__isnull=True).count()


def give_up(version_id: UUID, reason: str) -> None:
    """The sandbox, or we, failed: the version stays where it is and is tried again; its author sees why it takes so long."""
    log.error("Version %s is not through its checks: %s", version_id, reason)
    unfinished = EvaluationRun.objects.filter(version_id=version_id, state__in=["waiting", "running"])
    unfinished.update(note=f"{reason} It is tried again in {TRY_AGAIN_SECONDS / 60:.0f} minutes.")
    enqueue_submission(version_id, after=TRY_AGAIN_SECONDS)
