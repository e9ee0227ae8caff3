"""Publishers' pages, collections, and what people save."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.browsing.models import Collection, CollectionItem, Favourite
from marketplace.models import Listing
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.marketplace.stalls import a_listing, a_publisher, a_version, version_of

API = "/api/v1/marketplace/"


@pytest.fixture
def listing(db: None) -> Listing:
    return a_listing()


def test_a_listing_is_saved_and_let_go(
    listing: Listing, client: Client, client_of: ClientOf, alice: User, mallory: User
) -> None:
    address = "/market/acme/brief/save/"
    assert client.post(address)["Location"] == "/accounts/login/?next=%2Fmarket%2Facme%2Fbrief%2F"
    assert client_of(alice).post(address, {"saved": "yes"})["Location"] == "/market/acme/brief/"
    client_of(alice).post(address, {"saved": "yes"})
    assert Favourite.objects.count() == 1
    page = client_of(alice).get("/market/favourites/")
    assert "/market/acme/brief/" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert "Nothing saved yet" in client_of(mallory).get("/market/favourites/").content.decode()
    client_of(alice).post(address, {"saved": "no"})
    assert not Favourite.objects.exists()


def test_favourites_over_http(listing: Listing, client_of: ClientOf, alice: User) -> None:
    alices = client_of(alice)
    assert alices.put(f"{API}favourites/acme/brief/").status_code == 204
    assert [each["slug"] for each in alices.get(f"{API}favourites/").json()["results"]] == ["brief"]
    assert alices.delete(f"{API}favourites/acme/brief/").status_code == 204
    assert alices.get(f"{API}favourites/").json()["results"] == []
    assert alices.put(f"{API}favourites/acme/nothing/").status_code == 404


def test_a_saved_listing_that_became_private_is_no_longer_shown(
    listing: Listing, client_of: ClientOf, mallory: User, acme: Tenant
) -> None:
    client_of(mallory).post("/market/acme/brief/save/", {"saved": "yes"})
    Listing.objects.filter(pk=listing.pk).update(visibility="private")
    assert "Nothing saved yet" in client_of(mallory).get("/market/favourites/").content.decode()


def test_a_publisher_has_a_page(listing: Listing, client: Client) -> None:
    a_listing("hidden", visibility="unlisted")
    page = client.get("/market/acme/").content.decode()
    assert "1 listing\n" in page
    assert "/market/acme/brief/" in page
    assert client.get(f"{API}publishers/acme/").json()["display_name"] == "Acme"
    assert len(client.get(f"{API}publishers/acme/listings/").json()["results"]) == 1


def test_a_collection_keeps_its_order_and_shows_what_is_public(listing: Listing, client: Client) -> None:
    collection = Collection.objects.create(
        slug="first-steps", title="First steps", summary="To begin.", persona="teaching"
    )
    second, hidden = a_listing("second"), a_listing("hidden", visibility="private")
    for position, each in enumerate((second, hidden, listing)):
        CollectionItem.objects.create(collection=collection, listing=each, position=position, note=f"Number {position}")
    page = client.get("/market/collections/first-steps/").content.decode()
    assert page.index("/market/acme/second/") < page.index("/market/acme/brief/")
    assert "Number 0" in page
    assert "/market/acme/hidden/" not in page
    assert [each["slug"] for each in client.get(f"{API}collections/first-steps/").json()["listings"]] == [
        "second",
        "brief",
    ]
    home = client.get("/?for=teaching").content.decode()
    assert home.index("/market/acme/second/") < home.index("/market/acme/brief/")
    Collection.objects.update(shown=False)
    assert client.get("/market/collections/first-steps/").status_code == 404
    assert client.get(f"{API}collections/").json()["results"] == []


def test_two_versions_are_compared_power_first(listing: Listing, client: Client) -> None:
    manifest = version_of(listing).manifest
    reach = {"kind": "network", "host": "data.example.org", "methods": ["GET"], "why": "Prices."}
    a_version(listing, "2.0.0", {}, permissions=[*manifest["permissions"], reach])
    page = client.get("/market/acme/brief/versions/?from=1.0.0&to=2.0.0").content.decode()
    assert "What 2.0.0 changes from 1.0.0" in page
    assert "More than before." in page
    assert "New: Fetch pages and data from data.example.org" in page
    told = client.get(f"{API}listings/acme/brief/difference/?from=1.0.0&to=2.0.0").json()
    assert (told["widens"], told["level"]) == (True, "major")
    assert [each["code"] for each in told["permissions"]["added"]] == ["network:data.example.org"]
    assert client.get(f"{API}listings/acme/brief/difference/?from=1.0.0&to=3.0.0").status_code == 404
    assert client.get(f"{API}listings/acme/brief/difference/?from=1.0.0").status_code == 400


def test_the_api_tab_has_commands_that_grant_what_is_asked(listing: Listing, client: Client) -> None:
    page = client.get("/market/acme/brief/api/").content.decode()
    assert "knowledge:read" in page
    assert "/w/$WORKSPACE/api/v1/installations/" in page


def test_facets_count_what_they_would_leave(listing: Listing, client: Client) -> None:
    a_listing("second", publisher=a_publisher("globex"), words={"title": "Second", "license": "MIT"})
    told = client.get(f"{API}facets/?licence=MIT").json()
    licences = next(facet for facet in told["facets"] if facet["name"] == "licence")["choices"]
    assert told["total"] == 1
    assert {each["value"]: each["count"] for each in licences} == {"Apache-2.0": 1, "MIT": 1}
    assert next(f for f in told["facets"] if f["name"] == "kind")["choices"] == [
        {"value": "crew", "label": "Crew", "count": 1}
    ]


def test_nothing_found_offers_the_nearest_spelling_and_the_last_filter_off(listing: Listing, client: Client) -> None:
    page = client.get("/market/", {"q": "markt breif", "kind": "tool"}).content.decode()
    assert "Look for “market brief”" in page
    assert "Without “Tool”" in page
