from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.enforcement.models import Block
from marketplace.models import InstallLedger, Listing, ListingVersion, Publisher
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.services import confirm, decide, decline, execute_due, feature, set_standing, undo
from tenants.errors import Forbidden, WrongState
from tenants.ids import uuid7
from tenants.models import Membership, Tenant, User
from tests.moderation.conftest import State, against, version_of

Action = Decision.Action
TOMORROW = timedelta(days=1)


def blocks() -> list[tuple[str, str, bool]]:
    return [(block.kind, block.scope, block.lifted_at is None) for block in Block.objects.order_by("created_at")]


@pytest.fixture
def published(publisher: Publisher) -> ListingVersion:
    return version_of(publisher, State.PUBLISHED)


def install_in(version: ListingVersion, workspaces: int) -> None:
    InstallLedger.objects.bulk_create(
        InstallLedger(tenant_id=uuid7(), listing=version.listing, listing_version=version, digest=version.digest)
        for _ in range(workspaces)
    )


def test_a_hard_block_waits_for_another(published: ListingVersion, moderator: User, senta: User) -> None:
    decision = decide(published, verdict=against(Action.PULL), by=moderator)
    assert (decision.held, decision.executed_at, blocks()) == (True, None, [])
    with pytest.raises(Forbidden, match="the second person is somebody else"):
        confirm(decision.pk, by=moderator)
    confirm(decision.pk, by=senta)
    block = Block.objects.get()
    assert (block.kind, block.scope, block.version) == ("hard", "version", published)
    assert (block.created_by_name, block.signoff, block.signoff_by_name) == ("Moderator", "approved", "Senta Senior")


def test_the_database_does_not_execute_what_is_held(published: ListingVersion, moderator: User) -> None:
    decision = decide(published, verdict=against(Action.PULL), by=moderator)
    rows = Decision.objects.filter(pk=decision.pk)
    for changes in ({"executed_at": timezone.now()}, {"held": False}, {"confirmed_by_id": moderator.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changes)


def test_declined_nothing_happens_and_the_task_is_open(
    task: ReviewTask, publisher: Publisher, moderator: User, senta: User
) -> None:
    Listing.objects.update(featured_until=timezone.now() + TOMORROW)
    decision = decide(task, verdict=against(Action.PULL, severity="soft"), by=moderator)
    task.refresh_from_db()
    assert (decision.held_reason, task.state, task.reasons) == (
        "The listing is featured; pulling it takes two people.", "open", ["first version", "second person"],
    )  # fmt: skip
    with pytest.raises(WrongState, match="waits for a second person"):
        decide(task, verdict=against(Action.REJECT), by=senta)
    decline(decision.pk, by=senta, why="The quote is of another version.")
    assert blocks() == []
    assert decide(task, verdict=against(Action.REJECT), by=senta).executed_at is not None


def test_a_soft_pull_of_something_small_takes_one(published: ListingVersion, moderator: User) -> None:
    install_in(published, 25)
    assert decide(published.listing, verdict=against(Action.PULL, severity="soft"), by=moderator).held is False
    assert blocks() == [("soft", "listing", True)]


def test_a_delayed_one_is_looked_at_again_when_it_fires(
    published: ListingVersion, moderator: User, senta: User
) -> None:
    decision = decide(published.listing, verdict=against(Action.PULL, severity="soft", delay=TOMORROW), by=moderator)
    assert (decision.held, execute_due()) == (False, 0)
    install_in(published, 26)
    Decision.objects.filter(pk=decision.pk).update(execute_at=timezone.now())
    assert execute_due() == 1
    decision.refresh_from_db()
    assert (decision.held, decision.held_reason) == (
        True,
        "26 workspaces have it installed; pulling it takes two people.",
    )
    assert (decision.executed_at, blocks(), execute_due()) == (None, [], 0)
    confirm(decision.pk, by=senta)
    assert blocks() == [("soft", "listing", True)]


def test_a_delayed_one_lapses_when_its_thing_has_gone_on(
    task: ReviewTask, version: ListingVersion, moderator: User
) -> None:
    from marketplace.moderation import transitions
    from marketplace.moderation.actors import SYSTEM

    decision = decide(task, verdict=against(Action.REJECT, delay=TOMORROW), by=moderator)
    transitions.move(version.pk, to=State.WITHDRAWN, expected={State.IN_REVIEW}, by=SYSTEM)
    Decision.objects.filter(pk=decision.pk).update(execute_at=timezone.now())
    execute_due()
    decision.refresh_from_db()
    version.refresh_from_db()
    assert (version.review_state, decision.executed_at) == (State.WITHDRAWN, None)
    assert decision.undone_why.startswith("It could no longer be carried out")


def test_a_ban_takes_two_and_ends_with_reinstating(
    publisher: Publisher, published: ListingVersion, moderator: User, senta: User
) -> None:
    ban = set_standing(publisher, verdict=against(Action.BAN), by=moderator)
    publisher.refresh_from_db()
    assert (ban.held_reason, publisher.standing) == ("A ban takes two people.", "good")
    confirm(ban.pk, by=senta)
    publisher.refresh_from_db()
    assert (publisher.standing, blocks()) == ("banned", [("hard", "publisher", True)])
    back = set_standing(publisher, verdict=against(Action.REINSTATE), by=moderator)
    assert back.held_reason == "Lifting a hard block takes two people."
    confirm(back.pk, by=senta)
    publisher.refresh_from_db()
    assert (publisher.standing, blocks()) == ("good", [("hard", "publisher", False)])


def test_taking_back_puts_back_that_and_nothing_else(publisher: Publisher, moderator: User, senta: User) -> None:
    first = set_standing(publisher, verdict=against(Action.WARN), by=moderator)
    second = set_standing(publisher, verdict=against(Action.RESTRICT), by=senta)
    undo(second.pk, by=senta)
    publisher.refresh_from_db()
    assert publisher.standing == "warned"
    set_standing(publisher, verdict=against(Action.RESTRICT), by=senta)
    undo(first.pk, by=moderator)  # what came after it stays
    publisher.refresh_from_db()
    assert publisher.standing == "restricted"


def test_a_pull_lifts_only_its_own_block(published: ListingVersion, moderator: User) -> None:
    decide(published, verdict=against(Action.PULL, severity="soft"), by=moderator)
    second = decide(published, verdict=against(Action.PULL, severity="soft"), by=moderator)
    undo(second.pk, by=moderator)
    assert blocks() == [("soft", "version", True), ("soft", "version", False)]


def test_an_account_and_a_workspace_are_suspended_with_reason(mallory: User, globex: Tenant, moderator: User) -> None:
    from marketplace.moderation.services import suspend

    closed = suspend(mallory, verdict=against(Action.SUSPEND), by=moderator)
    suspend(globex, verdict=against(Action.SUSPEND), by=moderator)
    mallory.refresh_from_db()
    globex.refresh_from_db()
    assert (mallory.is_active, globex.status) == (False, Tenant.Status.SUSPENDED)
    undo(closed.pk, by=moderator)
    mallory.refresh_from_db()
    assert (mallory.is_active, Membership.objects.filter(user=mallory).count()) == (True, 1)
    with pytest.raises(Forbidden, match="Nobody closes their own"):
        suspend(moderator, verdict=against(Action.SUSPEND), by=moderator)


def test_featuring_is_for_what_is_published(published: ListingVersion, moderator: User) -> None:
    with pytest.raises(WrongState, match="Only a published listing"):
        feature(published.listing_id, until=timezone.now() - TOMORROW, by=moderator)
