from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from marketplace.enforcement.models import Block
from marketplace.models import ListingVersion, Publisher
from marketplace.moderation.models import Decision, ReasonCode, Report, ReviewTask
from marketplace.moderation.services import confirm, decide_report, report, undo
from tenants.errors import Conflict, Forbidden, Invalid, RateLimited
from tenants.models import User
from tenants.notifications.models import Notification
from tests.moderation.conftest import State, against, version_of

Action = Decision.Action


@pytest.fixture
def published(publisher: Publisher) -> ListingVersion:
    return version_of(publisher, State.PUBLISHED)


def test_reports_of_one_listing_gather_in_one_task(published: ListingVersion, alice: User, victor: User) -> None:
    first = report(published.listing, reason=ReasonCode.SPAM, text="A copy.", by=alice, version=published)
    second = report(published.listing, reason=ReasonCode.MALWARE, text="It sends my files away.", by=victor)
    task = ReviewTask.objects.get(kind="report")
    assert (first.task, second.task) == (task, task)
    assert (task.reasons, task.weight, task.weight_info) == (["spam", "malware"], 350, {"spam": 50, "malware": 300})


def test_one_open_report_per_person(published: ListingVersion, alice: User) -> None:
    made = report(published.listing, reason=ReasonCode.SPAM, text="A copy.", by=alice)
    with pytest.raises(Conflict, match="reported this already"):
        report(published.listing, reason=ReasonCode.QUALITY, text="It fails.", by=alice)
    made.pk = None
    with pytest.raises(IntegrityError, match="one_open_report_per_person_and_target"), transaction.atomic():
        Report.objects.create(
            listing=published.listing, reporter_id=alice.pk, reporter_name="A", reason="spam", text="x"
        )
    assert Report.objects.count() == 1


def test_so_many_a_day(publisher: Publisher, alice: User, settings: Settings) -> None:
    settings.REPORTS_PER_DAY = 2
    versions = [version_of(publisher, State.PUBLISHED) for _ in range(3)]
    for version in versions[:2]:
        report(version.listing, reason=ReasonCode.SPAM, text="A copy.", by=alice)
    with pytest.raises(RateLimited, match="2 reports a day") as caught:
        report(versions[2].listing, reason=ReasonCode.SPAM, text="A copy.", by=alice)
    assert 86_000 < caught.value.retry_after <= 86_400
    assert Report.objects.count() == 2


def test_nobody_reports_their_own(published: ListingVersion, mallory: User) -> None:
    with pytest.raises(Forbidden, match="nobody reports their own"):
        report(published.listing, reason=ReasonCode.SPAM, text="A copy.", by=mallory)


def test_every_reporter_hears_the_outcome(
    published: ListingVersion, alice: User, victor: User, moderator: User
) -> None:
    for person in (alice, victor):
        report(published.listing, reason=ReasonCode.INJECTION, text="It asked for my password.", by=person)
    task = ReviewTask.objects.get(kind="report")
    with pytest.raises(Invalid, match="says what is done about it"):
        decide_report(task.pk, outcome="confirmed", note="True.", by=moderator)
    pull = against(Action.PULL, severity="soft", reason_codes=(ReasonCode.INJECTION,))
    decide_report(task.pk, outcome="confirmed", note="It did. We took it off.", by=moderator, verdict=pull)
    assert list(Report.objects.values_list("state", "outcome_note").distinct()) == [
        ("confirmed", "It did. We took it off.")
    ]
    assert Block.objects.get().listing == published.listing
    heard = Notification.objects.filter(kind="report_outcome").values_list("user__email", "text")
    assert sorted(heard) == [
        ("alice@acme.example", "It did. We took it off."), ("victor@acme.example", "It did. We took it off."),
    ]  # fmt: skip
    assert report(published.listing, reason=ReasonCode.SPAM, text="Now this.", by=alice).state == "open"


def test_a_held_decision_settles_them_when_it_is_carried_out(
    published: ListingVersion, alice: User, moderator: User, senta: User
) -> None:
    made = report(published.listing, reason=ReasonCode.MALWARE, text="It deletes files.", by=alice)
    assert made.task is not None
    decision = decide_report(
        made.task.pk, outcome="confirmed", note="It does.", by=moderator, verdict=against(Action.PULL)
    )
    made.refresh_from_db()
    assert (decision.held, made.state, Notification.objects.filter(user=alice).count()) == (True, "open", 0)
    confirm(decision.pk, by=senta)
    made.refresh_from_db()
    assert (made.state, Notification.objects.get(user=alice).text) == ("confirmed", "It does.")
    undo(decision.pk, by=moderator)
    made.refresh_from_db()
    assert (made.state, Block.objects.get().lifted_at is None) == ("open", False)


def test_dismissed_nothing_is_done(published: ListingVersion, alice: User, moderator: User) -> None:
    made = report(published.listing, reason=ReasonCode.QUALITY, text="I dislike it.", by=alice)
    assert made.task is not None
    decision = decide_report(made.task.pk, outcome="dismissed", note="It keeps the rules.", by=moderator)
    made.refresh_from_db()
    assert (made.state, decision.action, Block.objects.count()) == ("dismissed", "dismiss", 0)
