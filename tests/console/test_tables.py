from __future__ import annotations

import pytest
from django.test import Client

from marketplace.models import Listing, ListingVersion
from tenants.models import Tenant, User
from tests.conftest import ClientOf

Market = dict[str, ListingVersion]
TABLES = [
    "marketplace/listing", "marketplace/listingversion", "marketplace/publisher", "marketplace/installledger",
    "tenants/tenant", "tenants/user",
]  # fmt: skip


@pytest.mark.parametrize("table", [f"{table}/" for table in TABLES])
def test_moderators_read_every_table(market: Market, client_of: ClientOf, mod: User, acme: Tenant, table: str) -> None:
    page = client_of(mod).get(f"/admin/{table}")
    assert page.status_code == 200
    assert "'unsafe-eval'" in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_our_own_pages_keep_the_strict_policy(client_of: ClientOf, mod: User) -> None:
    page = client_of(mod).get("/admin/")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]


@pytest.mark.parametrize("table", ["", *(f"{table}/" for table in TABLES)])
def test_nobody_else_finds_the_console(
    client_of: ClientOf, client: Client, alice: User, clerk: User, acme: Tenant, table: str
) -> None:
    assert client_of(alice).get(f"/admin/{table}").status_code == 404
    assert client_of(clerk).get(f"/admin/{table}").status_code == 404
    stranger = client.get(f"/admin/{table}", follow=True)
    assert stranger.request["PATH_INFO"] == "/accounts/login/"


def test_the_console_is_not_in_a_workspace(client_of: ClientOf, moderator: User, alice: User, acme: Tenant) -> None:
    assert client_of(moderator).get("/w/acme/admin/").status_code == 404
    assert client_of(alice).get("/w/acme/admin/").status_code == 404


def test_tokens_and_second_factors_are_in_no_table(client_of: ClientOf, moderator: User) -> None:
    for table in ("mfa/authenticator", "account/emailaddress", "auth/group", "sessions/session"):
        assert client_of(moderator).get(f"/admin/{table}/").status_code == 404


def test_a_manifest_is_shown_and_cannot_be_changed(market: Market, client_of: ClientOf, moderator: User) -> None:
    version = market["document-analyst"]
    address = f"/admin/marketplace/listingversion/{version.pk}/change/"
    page = client_of(moderator).get(address).content.decode()
    assert "&quot;name&quot;: &quot;find_passages&quot;" in page
    assert client_of(moderator).post(address, {"semver": "9.9.9"}).status_code == 403
    assert (
        client_of(moderator)
        .post(f"/admin/marketplace/listing/{version.listing_id}/delete/", {"post": "yes"})
        .status_code
        == 403
    )
    assert Listing.objects.count() == 3


def test_hostile_text_stays_text(market: Market, client_of: ClientOf, moderator: User) -> None:
    hostile = {**market["market-brief"].manifest, "evil": "</pre><img src=x onerror=alert(1)>"}
    version = ListingVersion.objects.create(
        listing=market["market-brief"].listing, semver="2.0.0", manifest=hostile, digest="sha256:0", size=1, risk=1
    )
    page = client_of(moderator).get(f"/admin/marketplace/listingversion/{version.pk}/change/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_workspace_is_suspended_and_opened_again(
    client_of: ClientOf, moderator: User, alice: User, acme: Tenant
) -> None:
    act = {"_selected_action": [str(acme.pk)], "index": "0"}
    client_of(moderator).post("/admin/tenants/tenant/", {**act, "action": "suspend"})
    acme.refresh_from_db()
    assert acme.status == Tenant.Status.SUSPENDED
    assert client_of(alice).get("/w/acme/installed/").status_code == 403
    client_of(moderator).post("/admin/tenants/tenant/", {**act, "action": "activate"})
    acme.refresh_from_db()
    assert acme.status == Tenant.Status.ACTIVE


def test_an_account_is_closed_but_never_ones_own(
    client_of: ClientOf, moderator: User, alice: User, acme: Tenant
) -> None:
    both = {"_selected_action": [str(alice.pk), str(moderator.pk)], "index": "0", "action": "close"}
    client_of(moderator).post("/admin/tenants/user/", both)
    alice.refresh_from_db()
    moderator.refresh_from_db()
    assert (alice.is_active, moderator.is_active) == (False, True)


def test_staff_powers_need_staff(client_of: ClientOf, alice: User, globex: Tenant) -> None:
    act = {"_selected_action": [str(globex.pk)], "index": "0", "action": "suspend"}
    assert client_of(alice).post("/admin/tenants/tenant/", act).status_code == 404
    globex.refresh_from_db()
    assert globex.status == Tenant.Status.ACTIVE
