from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.models import Health, Listing, ListingVersion, Publisher
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM
from marketplace.moderation.models import ActivityLog, Decision, ReviewTask
from marketplace.moderation.services import claim, decide
from tenants.context import PUBLIC, enter
from tenants.errors import DomainError, Forbidden, Invalid, WrongState
from tenants.models import User
from tests import cast
from tests.moderation.conftest import (
    APPROVE,
    State,
    against,
    globex_publishes,
    second_moderator,
    version_of,
    waiting,
)

Action, Availability = Decision.Action, ListingVersion.Availability


def put_in(publisher: Publisher, state: str) -> ListingVersion:
    """A version that stands in `state` without having walked there; the guard is for moves."""
    version = version_of(publisher, State.DRAFT)
    fresh = ListingVersion(
        listing=version.listing, semver="9.9.9", manifest=version.manifest, digest=version.digest, size=version.size, risk=2,
        review_state=state, published_at=timezone.now(),
    )  # fmt: skip
    fresh.save(force_insert=True)
    return fresh


@pytest.mark.parametrize("was", State)
def test_the_database_knows_the_same_moves(publisher: Publisher, was: State) -> None:
    version = put_in(publisher, was)
    for to in State:
        if to == was:
            continue
        try:
            with transaction.atomic():
                ListingVersion.objects.filter(pk=version.pk).update(review_state=to)
                allowed = True
                transaction.set_rollback(True)
        except IntegrityError:
            allowed = False
        assert allowed == (to in ListingVersion.NEXT[was]), (was, to)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    way=st.lists(st.sampled_from(State), min_size=1, max_size=5), guessed=st.lists(st.sampled_from(State), max_size=3)
)
def test_no_way_leads_over_an_illegal_move(publisher: Publisher, way: list[State], guessed: list[State]) -> None:
    version = version_of(publisher, State.DRAFT)
    state, lines = State.DRAFT, 0
    for to in way:
        expected = {state, *guessed}
        legal = to in ListingVersion.NEXT[state]
        try:
            transitions.move(version.pk, to=to, expected=expected, by=SYSTEM)
            assert legal
            state, lines = to, lines + 1
            if to == State.APPROVED:  # publishing follows in the same transaction
                state, lines = State.PUBLISHED, lines + 1
        except WrongState:
            assert not legal
        version.refresh_from_db()
        assert version.review_state == state
    with pytest.raises(WrongState, match="somebody was faster"):
        transitions.move(version.pk, to=State.SUBMITTED, expected=set(State) - {state}, by=SYSTEM)
    assert ActivityLog.objects.filter(target_id=version.pk).count() == lines


def test_reopening_takes_a_decision_that_was_undone(publisher: Publisher, moderator: User) -> None:
    version = version_of(publisher)
    decision = decide(waiting(version), verdict=against(Action.REJECT), by=moderator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guildhall.reopened_by', %s, true)", [str(decision.pk)])
    with pytest.raises(IntegrityError, match="Only undoing the decision"), transaction.atomic():
        ListingVersion.objects.filter(pk=version.pk).update(review_state="in_review")


def test_a_banned_publisher_publishes_nothing(publisher: Publisher) -> None:
    version = put_in(publisher, State.APPROVED)
    transitions.set_standing(publisher.pk, to=Publisher.Standing.BANNED, expected={Publisher.Standing.GOOD}, by=SYSTEM)
    with pytest.raises(Forbidden, match="banned"):
        transitions.move(version.pk, to=State.PUBLISHED, expected={State.APPROVED}, by=SYSTEM)
    with pytest.raises(IntegrityError, match="A banned publisher"), transaction.atomic():
        ListingVersion.objects.filter(pk=version.pk).update(review_state="published", published_at=timezone.now())


def test_a_restricted_one_is_read_by_a_person_unless_it_stays_at_home(publisher: Publisher) -> None:
    public, private = version_of(publisher, State.CHECKING), version_of(publisher, State.CHECKING)
    ListingVersion.objects.filter(pk=private.pk).update(visibility="private")
    transitions.set_standing(
        publisher.pk, to=Publisher.Standing.RESTRICTED, expected={Publisher.Standing.GOOD}, by=SYSTEM
    )
    with pytest.raises(Forbidden, match="a person reads this version first"):
        transitions.move(public.pk, to=State.APPROVED, expected={State.CHECKING}, by=SYSTEM)
    with pytest.raises(IntegrityError, match="A person reads"), transaction.atomic():
        ListingVersion.objects.filter(pk=public.pk).update(review_state="approved")
    assert (
        transitions.move(private.pk, to=State.APPROVED, expected={State.CHECKING}, by=SYSTEM).review_state
        == "published"
    )


def test_availability_and_health_are_axes_of_their_own(publisher: Publisher) -> None:
    version = version_of(publisher, State.PUBLISHED)
    with pytest.raises(Invalid, match="Say why"):
        transitions.set_availability(version.pk, to=Availability.YANKED, expected={Availability.AVAILABLE}, by=SYSTEM)
    gone = transitions.set_availability(
        version.pk, to=Availability.DEPRECATED, expected={Availability.AVAILABLE}, by=SYSTEM, reason="See the other.",
        successor=version.listing,
    )  # fmt: skip
    sick = transitions.set_health(version.pk, to=Health.FAILING)
    transitions.set_health(version.pk, to=Health.FAILING)
    assert (gone.availability, gone.successor_id, sick.review_state) == ("deprecated", version.listing_id, "published")
    back = transitions.set_availability(
        version.pk, to=Availability.AVAILABLE, expected={Availability.DEPRECATED}, by=SYSTEM
    )
    assert (back.availability_reason, back.successor, back.health) == ("", None, "failing")
    assert ActivityLog.objects.filter(target_id=version.pk, action="version.health").count() == 1


def test_a_published_address_is_kept(publisher: Publisher) -> None:
    listing = version_of(publisher, State.DRAFT).listing
    Listing.objects.filter(pk=listing.pk).update(slug="free-until-published")
    listing.versions.update(review_state="submitted")
    put_in(publisher, State.PUBLISHED)
    Listing.objects.filter(pk=listing.pk).update(published_at=timezone.now(), current_version=listing.versions.get())
    with pytest.raises(IntegrityError, match="address of a published listing"), transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(slug="another")
    with pytest.raises(IntegrityError, match="never given to anybody else"), transaction.atomic():
        Publisher.objects.filter(pk=publisher.pk).update(namespace="another")
    with (
        pytest.raises(IntegrityError, match="retired, never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM marketplace_listing WHERE id = %s", [listing.pk])


def test_of_claims_and_of_verdicts_at_the_same_moment_exactly_one_wins(fresh_db: None) -> None:
    """Reviewers and the author, each round with other intents; whoever comes first, the others are told so."""
    publisher = globex_publishes(cast.workspace("globex"))
    people = [cast.person("moderator"), second_moderator()]
    intents = (APPROVE, against(Action.REJECT), against(Action.REQUEST_CHANGES))
    leads_to = {"approve": "published", "reject": "rejected", "request_changes": "changes_requested"}
    _claim_at_once(waiting(version_of(publisher)), people)
    for number in range(8):
        version = version_of(publisher)
        about = waiting(version) if number % 2 else version  # without a task only the version's own row decides
        deeds = [partial(decide, about, verdict=intents[(number + one) % 3], by=people[one % 2]) for one in range(3)]
        withdraw = partial(transitions.move, version.pk, to=State.WITHDRAWN, expected={State.IN_REVIEW}, by=SYSTEM)
        won = sum(at_once([*deeds, withdraw]))
        version.refresh_from_db()
        verdicts = list(Decision.objects.filter(version=version).values_list("action", flat=True))
        assert won == 1
        assert [leads_to[action] for action in verdicts] == [s for s in [version.review_state] if s != State.WITHDRAWN]
    assert ReviewTask.objects.filter(state="open").count() == 1  # the one that was only claimed


def _claim_at_once(task: ReviewTask, people: list[User]) -> None:
    won = at_once([partial(claim, task.pk, by=one) for one in people])
    task.refresh_from_db()
    assert sum(won) == 1
    assert task.claimed_by_id == people[won.index(True)].pk


def at_once(deeds: Sequence[Callable[[], object]]) -> list[bool]:
    """Which of them came through, begun at the same moment, each on a connection of its own."""
    begin = Barrier(len(deeds), timeout=120)

    def do(deed: Callable[[], object]) -> bool:
        try:
            with enter(PUBLIC):
                connection.ensure_connection()
                begin.wait()
                deed()
        except DomainError:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))
