"""In which order a search shows what it finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.browsing import indexing, standing
from marketplace.browsing.matching import find
from marketplace.browsing.wishes import Wish
from marketplace.models import Listing, ListingVersion, Publisher
from tests.marketplace.stalls import a_listing, a_publisher, version_of

NAME = "Market watcher"


@pytest.fixture
def known(db: None) -> Listing:
    """What the name belongs to: twelve workspaces use it, reviews are middling."""
    return a_listing("watching-prices", words={"title": NAME}, active_tenants=12, rating_bayes=3.2, rating_count=9)


def first(q: str) -> str:
    return str(Listing.objects.get(pk=find(Wish(q=q)).hits[0].id).ref)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    called=st.sampled_from([NAME, f"{NAME} for couriers"]),
    title=st.sampled_from([NAME, NAME.upper(), f"  {NAME}", "Market-watcher", f"{NAME} {NAME}", "market watcher"]),
    slug=st.sampled_from(["market-watcher", "watcher", "market-watcher-pro"]),
    stuffed=st.integers(0, 12),
    rating=st.floats(1, 5),
    reviews=st.integers(0, 500),
    workspaces=st.integers(0, standing.TRUSTED_FROM - 1),
    health=st.sampled_from(["ok", "unknown"]),
    asked=st.sampled_from([NAME, "market watcher", "MARKET  WATCHER", "market-watcher", "markt watcher"]),
)
def test_who_takes_a_known_name_never_comes_first(
    known: Listing,
    called: str,
    title: str,
    slug: str,
    stuffed: int,
    rating: float,
    reviews: int,
    workspaces: int,
    health: str,
    asked: str,
) -> None:
    """Also where the name that people ask for is only the beginning of the known one's."""
    Listing.objects.filter(pk=known.pk).update(title=called)
    indexing.index(Listing.objects.select_related("current_version").get(pk=known.pk))
    squatter = a_publisher("squatter")
    squat = Listing.objects.filter(publisher=squatter, slug=slug).first() or a_listing(slug, publisher=squatter)
    Listing.objects.filter(pk=squat.pk).update(
        title=title, summary=f"{NAME}. " * 3, description=f"{NAME} " * stuffed, tags=["market", "watcher"],
        active_tenants=workspaces, rating_bayes=rating, rating_count=reviews, health=health,
    )  # fmt: skip
    indexing.index(Listing.objects.select_related("current_version").get(pk=squat.pk))
    assert squat.pk in [hit.id for hit in find(Wish(q=asked)).hits]
    assert first(asked) == "acme/watching-prices"


def test_a_verified_publisher_leads_by_its_name_from_the_first_day(known: Listing) -> None:
    """The rule stops strangers, not the newcomer whom the platform knows."""
    fresh = a_publisher("globex", verified_at=timezone.now())
    a_listing("forecast", publisher=fresh, words={"title": "Forecast"})
    a_listing("other-forecast", words={"title": "Forecast of everything", "summary": "A forecast."}, active_tenants=40)
    assert first("forecast") == "globex/forecast"
    Publisher.objects.filter(pk=fresh.pk).update(verified_at=None)
    standing.reweigh()
    assert first("forecast") == "acme/other-forecast"


def test_more_workspaces_come_before_a_better_text(db: None) -> None:
    a_listing("used", words={"title": "Notes", "summary": "Sorts minutes."}, active_tenants=30)
    a_listing("fitting", words={"title": "Jots", "summary": "Minutes, minutes, minutes."}, active_tenants=2)
    assert first("minutes") == "acme/used"


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"rating_bayes": 1.5, "rating_count": 20}, {"rating_bayes": 4.8, "rating_count": 20}),
        ({"health": "degraded", "active_tenants": 5}, {"health": "ok", "active_tenants": 4}),
    ],
)
def test_of_equals_the_better_one_comes_first(db: None, worse: dict[str, Any], better: dict[str, Any]) -> None:
    a_listing("worse", words={"title": "Sums"}, **worse)
    a_listing("better", words={"title": "Sums"}, **better)
    assert first("sums") == "acme/better"


def test_what_fails_or_is_deprecated_is_left_out_unless_asked_for(known: Listing) -> None:
    Listing.objects.filter(pk=known.pk).update(health="failing")
    standing.reweigh()
    assert find(Wish(q=NAME)).hits == ()
    assert len(find(Wish(q=NAME, all="yes")).hits) == 1
    Listing.objects.filter(pk=known.pk).update(health="ok")
    ListingVersion.objects.filter(pk=version_of(known).pk).update(
        availability="deprecated", availability_reason="Use another."
    )
    standing.reweigh()
    assert find(Wish()).hits == ()


def test_the_page_says_why(known: Listing, client: Client) -> None:
    page = client.get("/market/", {"q": NAME, "why": "1"}).content.decode()
    assert "It has this very name (fit 0.9" in page or "It has this very name (fit 1.0" in page
    assert "12 workspaces use it; quality 0." in page


def test_featured_is_a_badge_and_no_place(known: Listing, client: Client) -> None:
    a_listing("small", words={"title": "Market small"}, featured_until=timezone.now() + timedelta(days=3))
    page = client.get("/market/", {"q": "market"}).content.decode()
    assert page.index("Market watcher</a>") < page.index("Market small</a>")
    assert page.count("Featured") == 1
