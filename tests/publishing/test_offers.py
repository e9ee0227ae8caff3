"""What a publisher does with what is on the market: deprecate, yank, offer again, share, hide, retire."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from marketplace.models import Listing, ListingVersion
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.publishing.conftest import API, approved, described, json_client, sent, work
from tests.publishing.manifests import plain


@pytest.fixture
def version(api: APIClient, moderator: User, acme: Tenant) -> ListingVersion:
    """Quiet town 1.0.0, on the market."""
    made = sent(api, plain())
    work()
    approved(made, moderator)
    made.refresh_from_db()
    return made


def test_deprecated_yanked_and_offered_again(api: APIClient, version: ListingVersion) -> None:
    listing = f"{API}listings/{version.listing_id}/"
    told = {"version": "1.0.0", "reason": "Use the newer model."}
    itself = api.post(f"{listing}deprecate/", {**told, "successor": "acme/quiet-town"})
    assert (itself.status_code, itself.data["errors"][0]["field"]) == (400, "successor")
    deprecated = api.post(f"{listing}deprecate/", told)
    assert (deprecated.status_code, deprecated.data["availability"]) == (200, "deprecated")
    yanked = api.post(f"{listing}yank/", {"version": "1.0.0", "reason": "It counts wrongly."})
    assert (yanked.status_code, yanked.data["availability"]) == (200, "yanked")
    assert api.get("/api/v1/marketplace/listings/?q=quiet").data["results"] == []
    assert api.post(f"{listing}unyank/", {"version": "1.0.0"}).data["availability"] == "available"
    assert [each["listing"] for each in api.get(f"{API}listings/").data["results"]] == ["acme/quiet-town"]
    assert api.post(f"{listing}yank/", {"version": "9.9.9", "reason": "x"}).status_code == 404
    version.refresh_from_db()
    assert version.availability == "available"


def test_of_others_there_is_nothing(
    api_of: ApiOf, version: ListingVersion, victor: User, mallory: User, globex: Tenant
) -> None:
    yank = {"version": "1.0.0", "reason": "Mine is better."}
    stranger, viewer = json_client(api_of(mallory)), json_client(api_of(victor))
    assert stranger.post(f"/w/globex/api/v1/listings/{version.listing_id}/yank/", yank).status_code == 404
    assert stranger.post(f"/w/globex/api/v1/submissions/{version.pk}/withdraw/").status_code == 404
    assert viewer.post(f"{API}listings/{version.listing_id}/yank/", yank).status_code == 403
    version.refresh_from_db()
    assert version.availability == "available"


def test_what_nobody_read_is_not_shown_to_everybody(api: APIClient, moderator: User, acme: Tenant) -> None:
    private = sent(api, plain(), "private")
    work()
    listing = f"{API}listings/{private.listing_id}/"
    refused = api.post(f"{listing}visibility/", {"visibility": "public"})
    assert (refused.status_code, refused.data["code"]) == (409, "never_read")
    opened = sent(api, described(plain(), version="1.0.1", summary="People move about until they are content."))
    work()
    assert Listing.objects.get().visibility == "private"
    approved(opened, moderator)
    private.refresh_from_db()
    assert (Listing.objects.get().visibility, private.availability) == ("public", "yanked")
    assert api.post(f"{listing}visibility/", {"visibility": "shared"}).status_code == 200
    assert api.post(f"{listing}visibility/", {"visibility": "public"}).status_code == 200
    assert api.post(f"{listing}unyank/", {"version": "1.0.0"}).data["code"] == "never_read"


def test_shared_with_a_workspace_and_no_longer(api: APIClient, version: ListingVersion, globex: Tenant) -> None:
    shares = f"{API}listings/{version.listing_id}/shares/"
    assert api.post(shares, {"workspace": "nobody-here"}).status_code == 400
    assert api.post(shares, {"workspace": "guildhall-sandbox"}).status_code == 400
    assert api.post(shares, {"workspace": "globex"}).data["workspace"] == "globex"
    assert [each["workspace"] for each in api.get(shares).data["results"]] == ["globex"]
    assert api.delete(f"{shares}globex/").status_code == 204
    assert api.delete(f"{shares}globex/").status_code == 404
    retired = api.post(f"{API}listings/{version.listing_id}/retire/")
    assert (retired.status_code, retired.data["retired_at"] is None) == (200, False)
    again = api.post(f"{API}submissions/", {"manifest": described(plain(), version="2.0.0")})
    assert (again.status_code, again.data["code"]) == (409, "retired")
