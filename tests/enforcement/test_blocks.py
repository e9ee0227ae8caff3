"""Setting and lifting blocks: what they cover, who agrees, when they end, who is told, and what is put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.enforcement import services, telling
from marketplace.enforcement.covering import cover
from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import accused, effective, holders
from marketplace.models import ListingVersion
from marketplace.moderation.actors import moderator as _as
from marketplace.moderation.models import ActivityLog, ReviewTask
from marketplace.moderation.services import open_for_accused
from tenants.errors import Forbidden, Invalid, WrongState
from tenants.ids import uuid7
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tenants.provenance import revoked
from tenants.provenance.models import Revocation, RevocationEpoch, ViolationReport
from tests.enforcement.stage import REASON, a_version, hard, held_by, second

ONE, TWO, OTHER = ("sha256:" + sign * 64 for sign in "123")


@pytest.fixture
def versions(db: None) -> dict[str, ListingVersion]:
    return {
        "one": a_version(digest=ONE),
        "two": a_version(digest=TWO, semver="2.0.0"),
        "other": a_version("writer", digest=OTHER),
    }


def stopped() -> set[str]:
    return {mark for mark in (ONE, TWO, OTHER, "tool:calculator") if revoked.hard([mark])}


COVERED: list[tuple[str, Callable[[ListingVersion], Any], set[str]]] = [
    ("version", lambda version: version, {ONE}),
    ("listing", lambda version: version.listing, {ONE, TWO}),
    ("publisher", lambda version: version.listing.publisher, {ONE, TWO, OTHER}),
    ("digest", lambda version: version.digest, {ONE}),
    ("tool", lambda _: "calculator", {"tool:calculator"}),
]


@pytest.mark.parametrize(("scope", "target_of", "covered"), COVERED, ids=[each[0] for each in COVERED])
def test_a_hard_block_covers_its_scope_and_lifting_frees_exactly_that(
    versions: dict[str, ListingVersion],
    moderator: User,
    scope: str,
    target_of: Callable[[ListingVersion], Any],
    covered: set[str],
) -> None:
    before = hard(versions["other"], moderator)
    epoch = RevocationEpoch.objects.get().seq
    by = second()
    block = services.block(kind="hard", scope=scope, target=target_of(versions["one"]), reason=REASON, by=by)
    assert stopped() == covered | {OTHER}
    assert RevocationEpoch.objects.get().seq == epoch + 1
    services.lift(block, by, why="A mistake.")
    assert stopped() == {OTHER}
    assert RevocationEpoch.objects.get().seq == epoch + 2
    assert Revocation.objects.filter(block_id=block.pk, lifted_at__isnull=False).count() == len(covered)
    services.lift(before, by)
    assert stopped() == set()
    with pytest.raises(WrongState, match="lifted already, by Second"):
        services.lift(block, by)


def test_the_most_severe_block_in_force_counts(versions: dict[str, ListingVersion], moderator: User) -> None:
    by, version = second(), versions["one"]
    for kind, target in (("warn", version), ("hard", version.listing), ("soft", version.listing.publisher)):
        scope = {"warn": "version", "hard": "listing", "soft": "publisher"}[kind]
        services.block(kind=kind, scope=scope, target=target, reason=REASON, by=by)
    found = effective(version)
    assert found is not None
    assert (found.kind, found.scope) == ("hard", "listing")
    services.lift(found, by)
    left = effective(version)
    assert left is not None
    assert left.kind == "soft"


def test_a_hard_block_that_waits_for_a_second_person_is_soft_until_then(
    versions: dict[str, ListingVersion], moderator: User
) -> None:
    first = _as(moderator)
    block = services.block(kind="hard", scope="digest", target=ONE, reason=REASON, by=first, needs_signoff=True)
    assert (block.force, stopped(), revoked.soft([ONE]) is not None) == ("soft", set(), True)
    with pytest.raises(Forbidden, match="Somebody else"):
        services.sign_off(block, by=first, agree=True)
    services.sign_off(block, by=second(), agree=True)
    assert stopped() == {ONE}
    assert revoked.soft([ONE]) is None


def test_a_second_person_who_does_not_agree_lifts_it(versions: dict[str, ListingVersion], moderator: User) -> None:
    block = services.block(
        kind="hard", scope="digest", target=ONE, reason=REASON, by=_as(moderator), needs_signoff=True
    )
    lifted = services.sign_off(block, by=second(), agree=False)
    assert (lifted.signoff, lifted.lifted_why) == ("rejected", "The second person did not agree.")
    assert revoked.soft([ONE]) is None


def test_the_database_refuses_a_second_person_who_is_the_first(db: None, moderator: User) -> None:
    block = services.block(kind="hard", scope="digest", target=ONE, reason=REASON, by=_as(moderator))
    with pytest.raises(IntegrityError), transaction.atomic():
        Block.objects.filter(pk=block.pk).update(signoff="approved", signoff_by_id=moderator.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Block.objects.filter(pk=block.pk).update(tool="calculator")


def test_an_automatic_block_ends_after_three_days_unless_somebody_confirms_it(db: None) -> None:
    kept, left = (
        services.block_by_itself(scope="digest", target=digest, reason=REASON, reason_code="injection")
        for digest in (ONE, TWO)
    )
    assert kept.expires_at is not None
    assert kept.expires_at - kept.effective_at <= timedelta(hours=72)
    services.confirm(kept, by=second())
    Block.objects.filter(pk=left.pk).update(
        effective_at=timezone.now() - timedelta(hours=73), expires_at=timezone.now() - timedelta(hours=1)
    )
    assert services.expire_due() == 1
    left.refresh_from_db()
    assert (left.lifted_by_name, left.lifted_why) == ("Guildhall", "Nobody confirmed it in time.")
    assert (revoked.soft([ONE]) is not None, revoked.soft([TWO])) == (True, None)


def test_a_block_without_a_reason_or_of_another_kind_of_thing_is_none(
    versions: dict[str, ListingVersion], moderator: User
) -> None:
    for target, reason in ((versions["one"], " "), (versions["one"].listing, REASON), ("", REASON)):
        with pytest.raises(Invalid):
            services.block(kind="soft", scope="version", target=target, reason=reason, by=_as(moderator))
    assert not Block.objects.exists()
    assert not Revocation.objects.exists()


def test_what_is_published_later_under_a_block_is_covered_at_once(
    versions: dict[str, ListingVersion], moderator: User
) -> None:
    services.block(kind="hard", scope="listing", target=versions["one"].listing, reason=REASON, by=_as(moderator))
    later = a_version(digest="sha256:" + "4" * 64, semver="3.0.0")
    assert revoked.hard([later.digest]) is None
    cover(later, _as(moderator))
    revoked.memory.forget()
    assert revoked.hard([later.digest]) is not None


def test_those_who_hold_it_are_told_once_of_each_change(
    versions: dict[str, ListingVersion], acme: Tenant, globex: Tenant, alice: User, victor: User, moderator: User
) -> None:
    held_by(versions["one"], acme)
    block = hard(versions["one"], moderator)
    assert holders(block) == [acme.pk]
    assert telling.untold() == [block.pk]
    assert [telling.tell_holders(block.pk) for _ in range(2)] == [1, 0]
    told = Notification.objects.get(kind="pulled")
    assert (told.user, told.title) == (alice, "Reader 1.0.0 was blocked on the marketplace")
    assert told.text.startswith(REASON)
    services.lift(block, second())
    telling.tell_holders(block.pk)
    assert Notification.objects.get(kind="restored").user == alice
    assert telling.untold() == []


def test_the_log_of_activity_names_who_did_it(versions: dict[str, ListingVersion], moderator: User) -> None:
    services.lift(hard(versions["one"], moderator), second(), why="A mistake.")
    lines = ActivityLog.objects.filter(action__startswith="block.").order_by("at")
    assert [(line.action, line.actor_name) for line in lines] == [
        ("block.set", "Moderator"),
        ("block.lifted", "Second"),
    ]


def test_three_workspaces_accuse_a_version_two_do_not(versions: dict[str, ListingVersion]) -> None:
    for digest, tenants in ((ONE, 3), (TWO, 2)):
        for _ in range(tenants):
            ViolationReport.objects.create(digest=digest, tenant_id=uuid7(), run_id=uuid7(), code="network")
    again = ViolationReport.objects.filter(digest=TWO).values_list("tenant_id", flat=True)[0]
    ViolationReport.objects.create(digest=TWO, tenant_id=again, run_id=uuid7(), code="tool")
    assert [(each.version, each.workspaces, each.codes) for each in accused()] == [(versions["one"], 3, ("network",))]


def test_what_three_workspaces_report_is_looked_at_once_until_three_report_anew(
    versions: dict[str, ListingVersion], moderator: User
) -> None:
    def report(workspaces: int) -> None:
        for _ in range(workspaces):
            ViolationReport.objects.create(digest=ONE, tenant_id=uuid7(), run_id=uuid7(), code="network")

    report(2)
    assert open_for_accused() == 0
    report(1)
    assert [open_for_accused() for _ in range(2)] == [1, 0]
    task = ReviewTask.objects.get(version=versions["one"])
    assert (task.kind, task.reasons, task.weight) == ("retro", ["permissions"], 30)
    ReviewTask.objects.update(state="closed", closed_at=timezone.now(), closed_why="Nothing was found.")
    report(2)
    assert open_for_accused() == 0
    report(1)
    assert open_for_accused() == 1
