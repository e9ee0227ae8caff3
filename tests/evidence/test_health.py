"""How well a version works, by the stated rule, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.evidence.folding import fold
from marketplace.models import ListingVersion
from marketplace.sandbox.models import EvaluationRun
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tests.evidence.conftest import Ran


def health_of(version: ListingVersion) -> tuple[str, str]:
    """Of the version, and of its listing."""
    version.refresh_from_db()
    version.listing.refresh_from_db()
    return version.health, version.listing.health


@pytest.fixture(autouse=True)
def _not_evaluated(version: ListingVersion) -> None:
    EvaluationRun.objects.filter(version=version).delete()


@pytest.mark.parametrize(
    ("good", "bad", "health"),
    [(18, 2, "ok"), (17, 3, "degraded"), (12, 8, "degraded"), (11, 9, "failing"), (10, 9, "unknown")],
)
def test_of_the_last_week(
    version: ListingVersion, houses: list[Tenant], ran: Ran, good: int, bad: int, health: str
) -> None:
    ran(houses[:5], good)
    ran(houses[:5], bad, status="failed")
    fold()
    assert health_of(version) == (health, health)


def test_four_workspaces_are_too_few(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    ran(houses[:4], 40, status="failed")
    fold()
    assert health_of(version) == ("unknown", "unknown")


def test_a_fall_against_the_month_before(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    ran(houses[:5], 40, ago=timedelta(days=10))
    fold()
    assert health_of(version) == ("unknown", "unknown")
    ran(houses[:5], 34)
    ran(houses[:5], 6, status="failed")  # 85 of 100, where 100 of 100 did
    fold()
    assert health_of(version) == ("degraded", "degraded")


def test_the_publisher_hears_when_it_changes_and_once(
    version: ListingVersion, houses: list[Tenant], ran: Ran, alice: User, mallory: User
) -> None:
    ran(houses[:5], 20)
    fold()
    assert (health_of(version), Notification.objects.count()) == (("ok", "ok"), 0)
    ran(houses[:5], 30, status="failed")
    fold()
    fold()
    assert health_of(version) == ("failing", "failing")
    [told] = Notification.objects.all()
    assert (told.user_id, told.kind, told.title) == (alice.pk, "health", f"Document analyst {version.semver}: fails")
    assert told.text == "40% of the runs of the last 7 days succeeded."
    assert told.url == f"/market/{version.listing.publisher.namespace}/document-analyst/figures/"


@pytest.mark.parametrize(("score", "health"), [(1.0, "ok"), (0.5, "degraded")])
def test_without_runs_the_evaluation_speaks(version: ListingVersion, score: float, health: str) -> None:
    EvaluationRun.objects.create(
        version=version, digest=version.digest, suite="s", state="done", n=4, passed=int(4 * score), score=score,
        threshold=0.8, pass_rate=score, ci_low=0.1, ci_high=1.0, ended_at=version.published_at,
    )  # fmt: skip
    fold()
    assert health_of(version) == (health, health)
