"""Copying a listing to change it."""

from __future__ import annotations

import json

import pytest

from agents.models import Crew
from marketplace.drafts.sources import publishable
from marketplace.installs.models import Installation
from marketplace.manifest.powers import code_of
from marketplace.models import Listing
from tenants.context import enter
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.marketplace.stalls import a_listing, a_publisher, version_of

PAGE = "/w/acme/remix/globex/brief/"
REMIXES = "/w/acme/api/v1/remixes/"


@pytest.fixture
def listing(db: None) -> Listing:
    return a_listing(publisher=a_publisher("globex"))


def granted(listing: Listing) -> list[str]:
    permissions = version_of(listing).manifest["permissions"]
    return [code_of({"provider": "any", **each}) for each in permissions]


def test_a_remix_is_a_crew_of_ones_own_that_names_its_origin(
    listing: Listing, client_of: ClientOf, alice: User, acme: Tenant
) -> None:
    assert client_of(alice).get("/market/globex/brief/remix/")["Location"] == PAGE
    assert "What the copy may do here" in client_of(alice).get(PAGE).content.decode()
    answer = client_of(alice).post(PAGE, {"version": "1.0.0", "grants": granted(listing)})
    with enter(acme.schema_name):
        crew = Crew.objects.get()
        assert answer["Location"] == f"/w/acme/crews/{crew.pk}/"
        assert (crew.name, crew.source) == ("Market brief (remix)", "globex/brief@1.0.0")
        assert crew.manifest_digest == version_of(listing).digest
        assert crew.grants == sorted(granted(listing))
        assert not Installation.objects.exists()


def test_the_second_remix_has_a_name_of_its_own(listing: Listing, client_of: ClientOf, alice: User) -> None:
    body = json.dumps({"listing": "globex/brief", "grants": granted(listing)})
    names = [client_of(alice).post(REMIXES, body, content_type="application/json").json()["name"] for _ in range(2)]
    assert names == ["Market brief (remix)", "Market brief (remix 2)"]


def test_nothing_is_copied_without_leave(
    listing: Listing, client_of: ClientOf, alice: User, victor: User, acme: Tenant
) -> None:
    ungranted = json.dumps({"listing": "globex/brief", "grants": []})
    whole = json.dumps({"listing": "globex/brief", "grants": granted(listing)})
    answer = client_of(alice).post(REMIXES, ungranted, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_granted")
    assert client_of(victor).post(REMIXES, whole, content_type="application/json").status_code == 403
    Listing.objects.update(licence="proprietary")
    answer = client_of(alice).post(REMIXES, whole, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "licence")
    assert "/remix/" not in client_of(alice).get("/market/globex/brief/").content.decode()
    with enter(acme.schema_name):
        assert not Crew.objects.exists()


def test_what_is_published_from_a_remix_names_its_origin(
    listing: Listing, client_of: ClientOf, alice: User, acme: Tenant
) -> None:
    client_of(alice).post(PAGE, {"version": "1.0.0", "grants": granted(listing)})
    with enter(acme.schema_name):
        [crew] = publishable()["crew"]
    assert crew["origin"] == {"ref": "globex/brief@1.0.0", "digest": version_of(listing).digest}
