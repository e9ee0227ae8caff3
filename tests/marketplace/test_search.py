from __future__ import annotations

from typing import Any

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from marketplace.models import Listing, ListingVersion, Publisher
from tests.marketplace.ours import Market
from tests.marketplace.stalls import a_listing

LISTINGS = "/api/v1/marketplace/listings/"


def slugs(client: Client, **filters: Any) -> list[str]:
    answer = client.get(LISTINGS, filters)
    assert answer.status_code == 200
    return [listing["slug"] for listing in answer.json()["results"]]


SPELT: list[tuple[str, list[str]]] = [
    ("document analyst", ["document-analyst"]),
    ("Market-Brief", ["market-brief"]),
    ("documnet analist", ["document-analyst"]),
    ("shelling", ["schelling-segregation"]),
    ("segragation", ["schelling-segregation"]),
    ("emerg", ["schelling-segregation"]),
    ("contracts", ["document-analyst"]),
    ("unicorn", []),
    ("!!!", []),
    ("unicorn' & :* | !<->", []),
]


def test_words_are_found_in_spite_of_typing_errors(market: Market, client: Client) -> None:
    for q, found in SPELT:
        assert slugs(client, q=q)[: len(found) or None] == found, q


def test_the_very_name_comes_first(market: Market, client: Client) -> None:
    assert slugs(client, q="market brief")[0] == "market-brief"
    assert slugs(client, q="citations")[0] in {"document-analyst", "market-brief"}


def test_filters_narrow(market: Market, client: Client) -> None:
    assert slugs(client, kind="scenario") == ["schelling-segregation"]
    assert {"document-analyst", "market-brief"} == set(slugs(client, category="business"))
    assert {"document-analyst", "market-brief"} <= set(slugs(client, category="research"))
    assert slugs(client, risk="high") == []
    assert "schelling-segregation" in slugs(client, cost="0")
    assert "market-brief" not in slugs(client, cost="1")
    assert "market-brief" in slugs(
        client, cost="5", needs="documents", licence="Apache-2.0", language="en", offline="yes"
    )
    assert slugs(client, tag="teaching") == ["schelling-segregation"]
    assert slugs(client, kind="crew", q="schelling") == []
    assert slugs(client, ordering="title") == ["document-analyst", "market-brief", "schelling-segregation"]


def test_an_unknown_filter_is_refused(db: None, client: Client) -> None:
    for name, value in {"kind": "robot", "ordering": "price", "licence": "GPL", "size": "1", "cost": "0.3"}.items():
        answer = client.get(LISTINGS, {name: value})
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert [error["field"] for error in answer.json()["errors"]] == [name]


def test_pages_by_cursor_hold_every_listing_once(market: Market, client: Client) -> None:
    for number in range(8):
        a_listing(f"copy-{number}", words={"title": f"Copy {number}"})
    everything = Listing.objects.count()
    for ordering in ("relevance", "newest", "installs", "title", "rating", "cost"):
        seen, address = [], f"{LISTINGS}?page_size=3&ordering={ordering}"
        while address:
            page = client.get(address).json()
            seen += [listing["slug"] for listing in page["results"]]
            address = page["next"]
        assert len(seen) == len(set(seen)) == everything, ordering


def test_one_query_lists_them_all(
    market: Market, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    slugs(client)
    with django_assert_num_queries(1):
        slugs(client)
    with django_assert_num_queries(6):  # three ways to match, who may be seen, and the page
        slugs(client, q="documents")


def test_a_listing_tells_all(market: Market, client: Client) -> None:
    answer = client.get(f"{LISTINGS}guildhall/document-analyst/").json()
    assert answer["version"] == "1.1.0"
    assert answer["digest"] == market["document-analyst"].digest
    assert answer["manifest"]["spec"]["tasks"][0]["name"] == "find_passages"
    assert answer["permissions"][0] == {
        "code": "knowledge:read",
        "group": "Read",
        "risk": "low",
        "sentence": "Read this workspace’s documents",
        "why": "The answer is taken from your documents and from nowhere else.",
    }


def test_versions_are_listed(market: Market, client: Client) -> None:
    versions = client.get(f"{LISTINGS}guildhall/market-brief/versions/").json()["results"]
    assert [(v["version"], v["risk"], v["availability"]) for v in versions] == [("2.0.0", "Medium", "available")]


def test_a_listing_that_is_not_there(market: Market, client: Client) -> None:
    for address in ["guildhall/nothing/", "nobody/market-brief/", "guildhall/nothing/versions/"]:
        answer = client.get(LISTINGS + address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_was_withdrawn_or_is_of_a_banned_publisher_is_not_there(market: Market, client: Client) -> None:
    ListingVersion.objects.filter(pk=market["market-brief"].pk).update(
        availability="yanked", availability_reason="Quotes were cut short."
    )
    assert sorted(slugs(client)) == ["document-analyst", "schelling-segregation"]
    Publisher.objects.update(standing="banned")
    assert slugs(client) == []
    assert client.get(f"{LISTINGS}guildhall/document-analyst/").status_code == 404
