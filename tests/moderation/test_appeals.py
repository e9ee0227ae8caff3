from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.models import ListingVersion
from marketplace.moderation.models import Appeal, Decision, ReviewTask
from marketplace.moderation.services import appeal, claim_appeal, decide, decide_appeal
from tenants.errors import Conflict, Forbidden, NotFound, WrongState
from tenants.models import User
from tests.moderation.conftest import APPROVE, State, against

Action = Decision.Action


@pytest.fixture
def rejected(task: ReviewTask, moderator: User) -> Decision:
    return decide(task, verdict=against(Action.REJECT), by=moderator)


@pytest.fixture
def appealed(rejected: Decision, mallory: User) -> Appeal:
    assert rejected.appeal_token is not None
    return appeal(rejected.appeal_token, by=mallory, text="It runs with the inputs of the second example.")


def test_an_appeal_waits_in_the_queue_with_a_day(appealed: Appeal, rejected: Decision, mallory: User) -> None:
    assert (appealed.state, appealed.by_id, appealed.decision) == ("open", mallory.pk, rejected)
    assert (appealed.task.kind, appealed.task.version, appealed.task.weight) == ("appeal", rejected.version, 100)
    assert appealed.task.due_at is not None
    assert appealed.task.due_at > timezone.now()


def test_strangers_do_not_see_it_and_nobody_appeals_twice(
    appealed: Appeal, rejected: Decision, alice: User, mallory: User
) -> None:
    assert rejected.appeal_token is not None
    with pytest.raises(NotFound):
        appeal(rejected.appeal_token, by=alice, text="Me too.")
    with pytest.raises(Conflict, match="appealed already"):
        appeal(rejected.appeal_token, by=mallory, text="Again.")
    assert Appeal.objects.count() == 1


def test_who_decided_first_never_decides_it(appealed: Appeal, moderator: User) -> None:
    with pytest.raises(Forbidden, match="decided by somebody else"):
        claim_appeal(appealed.pk, by=moderator)
    with pytest.raises(Forbidden, match="decided by somebody else"):
        decide_appeal(appealed.pk, overturn=False, answer="No.", by=moderator)
    told: dict[str, Any] = {
        "state": "upheld",
        "decided_by_id": moderator.pk,
        "decided_at": timezone.now(),
        "answer": "No.",
    }
    for changes in (told, {"assigned_to_id": moderator.pk}):
        with pytest.raises(IntegrityError, match="never decided by who decided first"), transaction.atomic():
            Appeal.objects.filter(pk=appealed.pk).update(**changes)
    appealed.refresh_from_db()
    assert (appealed.state, appealed.assigned_to_id) == ("open", None)


def test_overturned_it_is_back_in_review_and_may_be_approved(
    appealed: Appeal, rejected: Decision, version: ListingVersion, senta: User, moderator: User
) -> None:
    claim_appeal(appealed.pk, by=senta)
    done = decide_appeal(appealed.pk, overturn=True, answer="You are right: the second example works.", by=senta)
    version.refresh_from_db()
    rejected.refresh_from_db()
    assert (done.state, version.review_state, rejected.undone_why) == (
        "overturned", State.IN_REVIEW, "Taken back on appeal.",
    )  # fmt: skip
    assert done.outcome is not None
    assert (done.outcome.override_of, done.outcome.source) == (rejected, "second_level")
    task = ReviewTask.objects.get(version=version, kind="version", state="open")
    assert decide(task, verdict=APPROVE, by=moderator).executed_at is not None


def test_upheld_nothing_changes(appealed: Appeal, rejected: Decision, version: ListingVersion, senta: User) -> None:
    decide_appeal(appealed.pk, overturn=False, answer="The second example fails as well.", by=senta)
    version.refresh_from_db()
    rejected.refresh_from_db()
    appealed.task.refresh_from_db()
    assert (version.review_state, rejected.undone_at, appealed.task.state) == (State.REJECTED, None, "closed")
    with pytest.raises(WrongState, match="decided this appeal already"):
        decide_appeal(appealed.pk, overturn=True, answer="Other.", by=senta)


def test_when_its_publisher_has_gone_on_it_is_only_said(
    task: ReviewTask, version: ListingVersion, moderator: User, senta: User, mallory: User
) -> None:
    from marketplace.moderation import transitions
    from marketplace.moderation.actors import SYSTEM

    decision = decide(task, verdict=against(Action.REQUEST_CHANGES), by=moderator)
    assert decision.appeal_token is not None
    made = appeal(decision.appeal_token, by=mallory, text="There is nothing to change.")
    transitions.move(version.pk, to=State.SUBMITTED, expected={State.CHANGES_REQUESTED}, by=SYSTEM)
    assert decide_appeal(made.pk, overturn=True, answer="True.", by=senta).state == "overturned"
    version.refresh_from_db()
    assert version.review_state == State.SUBMITTED
