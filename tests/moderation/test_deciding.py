from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import ActivityLog, Decision, ReviewTask
from marketplace.moderation.services import claim, decide, decide_automatically, release, undo
from tenants.errors import Forbidden, Invalid, Stale, WrongState
from tenants.models import Membership, Tenant, User
from tests.moderation.conftest import APPROVE, State, against, version_of

Action = Decision.Action


def test_a_rejection_says_everything_and_moves_the_version(
    task: ReviewTask, version: ListingVersion, moderator: User
) -> None:
    decision = decide(task, verdict=against(Action.REJECT), by=moderator)
    version.refresh_from_db()
    task.refresh_from_db()
    assert version.review_state == State.REJECTED
    assert (task.state, task.closed_by_decision) == ("closed", decision)
    assert decision.policy_text.startswith("A listing can be run with its example inputs")
    assert decision.evidence == [
        {"path": "spec.tasks[0]", "quote": "Read it all.", "note": "There is nothing to read."}
    ]
    assert decision.appeal_token is not None
    assert decision.prior_state["review_state"] == "in_review"
    assert (decision.content_digest, decision.decided_by_id) == (version.digest, moderator.pk)
    told = list(ActivityLog.objects.filter(decision_id=decision.pk).order_by("at").values_list("action", flat=True))
    assert told == ["decision.reject", "version.rejected", "decision.executed"]


@pytest.mark.parametrize("lacking", [{"reason_codes": ()}, {"evidence": ()}, {"policy": None}, {"reasoning": "  "}])
def test_without_its_grounds_it_is_refused(
    task: ReviewTask, version: ListingVersion, moderator: User, lacking: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as caught:
        decide(task, verdict=against(Action.REJECT, **lacking), by=moderator)
    assert [fault.field for fault in caught.value.errors] == list(lacking)
    version.refresh_from_db()
    assert (version.review_state, Decision.objects.count()) == (State.IN_REVIEW, 0)


@pytest.mark.parametrize(
    "column",
    ["reason_codes = '{}'", "evidence = '[]'", """evidence = '[{"path": "", "quote": "", "note": ""}]'""", "policy_id = NULL",
     "policy_text = ' '", "reasoning = ''", "appeal_token = NULL"],
)  # fmt: skip
def test_nor_does_the_database_store_it(task: ReviewTask, moderator: User, column: str) -> None:
    decision = decide(task, verdict=against(Action.REJECT), by=moderator)
    name, _, value = column.partition(" = ")
    columns = [
        str(field.column) for field in Decision._meta.concrete_fields if field.column not in {"id", name, "task_id"}
    ]
    unique = {"appeal_token": "gen_random_uuid()"}
    wanted = [unique.get(one, one) for one in columns]
    insert = f"INSERT INTO moderation_decision (id, {name}, {', '.join(columns)}) SELECT gen_random_uuid(), {{}}, {', '.join(wanted)} FROM moderation_decision WHERE id = %s"
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="adverse_decision_gives_reasons"), transaction.atomic():
            cursor.execute(insert.format(value), [decision.pk])
        whole = {"appeal_token": "gen_random_uuid()"}.get(name, name)
        cursor.execute(insert.format(whole), [decision.pk])  # the same row with its grounds is taken
    assert Decision.objects.count() == 2


def test_a_decision_never_changes(task: ReviewTask, moderator: User) -> None:
    decision = decide(task, verdict=against(Action.REJECT), by=moderator)
    rows = Decision.objects.filter(pk=decision.pk)
    tried: list[dict[str, Any]] = [
        {"reasoning": "Other."},
        {"action": "approve"},
        {"executed_at": None},
        {"prior_state": {}},
    ]
    for changes in tried:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changes)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM moderation_decision")


def test_one_of_the_publishers_own_is_refused(
    task: ReviewTask, version: ListingVersion, moderator: User, globex: Tenant
) -> None:
    Membership.objects.create(user=moderator, tenant=globex, role=Membership.Role.VIEWER)
    for act in (lambda: claim(task.pk, by=moderator), lambda: decide(task, verdict=APPROVE, by=moderator)):
        with pytest.raises(Forbidden, match="nobody judges their own"):
            act()
    version.refresh_from_db()
    assert version.review_state == State.IN_REVIEW


def test_only_staff_decide(task: ReviewTask, alice: User) -> None:
    with pytest.raises(Forbidden, match="Only the platform's moderators"):
        decide(task, verdict=APPROVE, by=alice)


def test_who_has_claimed_it_decides(task: ReviewTask, moderator: User, senta: User) -> None:
    claim(task.pk, by=moderator)
    for act in (lambda: claim(task.pk, by=senta), lambda: decide(task, verdict=APPROVE, by=senta)):
        with pytest.raises(WrongState, match="Moderator is at it until"):
            act()
    release(task.pk, by=moderator)
    assert decide(task, verdict=APPROVE, by=senta).decided_by_name == "Senta Senior"


def test_a_lease_that_ran_out_holds_nobody_off(task: ReviewTask, moderator: User, senta: User) -> None:
    claim(task.pk, by=moderator, minutes=0)
    assert claim(task.pk, by=senta).claimed_by_id == senta.pk


def test_nobody_approves_what_they_have_not_seen(task: ReviewTask, moderator: User) -> None:
    with pytest.raises(Stale, match="other content"):
        decide(task, verdict=replace(APPROVE, digest="sha256:other"), by=moderator)


def test_undone_within_ten_minutes_everything_is_as_before(
    task: ReviewTask, version: ListingVersion, moderator: User
) -> None:
    decision = decide(task, verdict=against(Action.REQUEST_CHANGES), by=moderator)
    undo(decision.pk, by=moderator)
    version.refresh_from_db()
    task.refresh_from_db()
    decision.refresh_from_db()
    assert (version.review_state, task.state, task.claimed_by_id) == (State.IN_REVIEW, "open", None)
    assert decision.undone_by_id == moderator.pk
    assert decide(task, verdict=APPROVE, by=moderator).executed_at is not None


def test_after_ten_minutes_it_stays(task: ReviewTask, version: ListingVersion, moderator: User) -> None:
    decision = decide(task, verdict=against(Action.REJECT), by=moderator)
    with connection.cursor() as cursor:  # the clock cannot be turned; the guard is lifted for the row to be old
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE moderation_decision DISABLE TRIGGER decision_is_final")
        cursor.execute("UPDATE moderation_decision SET executed_at = now() - interval '11 minutes'")
        cursor.execute("ALTER TABLE moderation_decision ENABLE TRIGGER decision_is_final")
    with pytest.raises(WrongState, match="Ten minutes have passed"):
        undo(decision.pk, by=moderator)
    version.refresh_from_db()
    assert version.review_state == State.REJECTED


def test_the_checks_ask_for_changes_with_the_same_grounds(publisher: Publisher) -> None:
    version = version_of(publisher, State.CHECKING)
    decision = decide_automatically(version, verdict=against(Action.REQUEST_CHANGES))
    version.refresh_from_db()
    assert (version.review_state, decision.source, decision.decided_by_id) == (
        State.CHANGES_REQUESTED,
        "automation",
        None,
    )
    with pytest.raises(Invalid, match="Only people reject"):
        decide_automatically(version, verdict=against(Action.REJECT))


def test_an_approval_that_is_undone_leaves_the_listing_as_it_was(publisher: Publisher, moderator: User) -> None:
    first = version_of(publisher, State.PUBLISHED, slug="analyst")
    second = version_of(publisher, slug="analyst")
    before = Listing.objects.values("current_version", "published_at", "title").get(pk=first.listing_id)
    decision = decide(second, verdict=APPROVE, by=moderator)
    assert Listing.objects.get(pk=first.listing_id).current_version == second
    undo(decision.pk, by=moderator)
    second.refresh_from_db()
    assert (second.review_state, second.published_at) == (State.IN_REVIEW, None)
    assert Listing.objects.values("current_version", "published_at", "title").get(pk=first.listing_id) == before
