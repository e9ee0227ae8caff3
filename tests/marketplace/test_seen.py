"""Who sees what on the market."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.browsing.indexing import index
from marketplace.enforcement import services as enforcement
from marketplace.models import Listing, ListingShare, ListingVersion, Publisher
from marketplace.moderation.actors import SYSTEM
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.marketplace.stalls import a_listing, a_publisher, version_of

PAGE = "/market/acme/brief/"
SEARCH = "/market/?q=brief"


@pytest.fixture
def listing(acme: Tenant) -> Listing:
    return a_listing(publisher=a_publisher(tenant_id=acme.pk))


def show_to(listing: Listing, visibility: str) -> None:
    listing.visibility = visibility
    listing.save(update_fields=["visibility"])
    index(listing)


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_what_is_not_for_everybody_is_there_for_its_own_workspace_alone(
    listing: Listing, client: Client, client_of: ClientOf, alice: User, mallory: User, globex: Tenant, visibility: str
) -> None:
    show_to(listing, visibility)
    for stranger in (client, client_of(mallory)):
        assert stranger.get(PAGE).status_code == stranger.get(f"{PAGE}versions/").status_code == 404
        assert stranger.get("/api/v1/marketplace/listings/acme/brief/").status_code == 404
        assert PAGE not in stranger.get(SEARCH).content.decode()
        assert PAGE not in stranger.get("/").content.decode()
    assert "Nobody else sees this page." in client_of(alice).get(PAGE).content.decode()
    assert PAGE in client_of(alice).get("/").content.decode()
    ListingShare.objects.create(listing=listing, tenant_id=globex.pk, by_id=alice.pk)
    assert client_of(mallory).get(PAGE).status_code == (200 if visibility == "shared" else 404)


def test_unlisted_is_there_for_whoever_has_the_link(listing: Listing, client: Client) -> None:
    show_to(listing, "unlisted")
    assert client.get(PAGE).status_code == 200
    assert PAGE not in client.get(SEARCH).content.decode()
    assert client.get("/api/v1/marketplace/listings/").json()["results"] == []


def test_a_blocked_listing_says_why_and_is_not_found(listing: Listing, client: Client) -> None:
    assert PAGE in client.get(SEARCH).content.decode()
    block = enforcement.block(
        kind="hard", scope="listing", target=listing, reason="It sends documents to a stranger.", by=SYSTEM
    )
    page = client.get(PAGE).content.decode()
    assert "Blocked by the platform, since" in page
    assert "It sends documents to a stranger." in page
    assert "Nothing of yours is deleted" in page
    assert "It cannot be installed now." in page
    assert PAGE not in client.get(SEARCH).content.decode()
    notice = client.get("/api/v1/marketplace/listings/acme/brief/").json()["notices"][0]
    assert (notice["tone"], notice["installable"]) == ("bad", False)
    enforcement.lift(block, by=SYSTEM)
    assert PAGE in client.get(SEARCH).content.decode()


def test_a_banned_publisher_is_gone(listing: Listing, client: Client) -> None:
    Publisher.objects.update(standing="banned")
    for address in (PAGE, "/market/acme/", "/api/v1/marketplace/publishers/acme/"):
        assert client.get(address).status_code == 404
    assert PAGE not in client.get(SEARCH).content.decode()


def test_a_deprecated_listing_names_its_successor(listing: Listing, client: Client) -> None:
    better = a_listing("better", words={"title": "Better brief"})
    ListingVersion.objects.filter(pk=version_of(listing).pk).update(
        availability="deprecated", availability_reason="It cannot read tables.", successor=better
    )
    page = client.get(PAGE).content.decode()
    assert "It cannot read tables." in page
    assert '<a href="/market/acme/better/">Use Better brief instead</a>' in page
