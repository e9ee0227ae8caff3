from __future__ import annotations

from django.test import Client

from marketplace.models import Listing, ListingVersion, ReservedName
from marketplace.moderation import activity
from marketplace.moderation.actors import SYSTEM
from marketplace.moderation.models import ActivityLog
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.marketplace.ours import Market

TABLES = [
    "marketplace/listing", "marketplace/listingversion", "marketplace/publisher", "marketplace/installledger",
    "tenants/tenant", "tenants/user", "moderation/decision", "moderation/report", "moderation/appeal", "moderation/activitylog",
    "moderation/policy", "moderation/cannedtext", "enforcement/block", "marketplace/reservedname", "marketplace/prohibitedname",
    "browsing/collection",
]  # fmt: skip


def test_moderators_read_every_table(market: Market, client_of: ClientOf, mod: User, acme: Tenant) -> None:
    client = client_of(mod)
    for table in TABLES:
        page = client.get(f"/admin/{table}/")
        assert page.status_code == 200, table
        assert "'unsafe-eval'" in page["Content-Security-Policy"]
        assert "default-src 'none'" in page["Content-Security-Policy"]


def test_our_own_pages_keep_the_strict_policy(client_of: ClientOf, mod: User) -> None:
    page = client_of(mod).get("/admin/")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]


def test_nobody_else_finds_the_console(
    client_of: ClientOf, client: Client, alice: User, clerk: User, acme: Tenant
) -> None:
    for table in ("", *(f"{table}/" for table in TABLES[::5])):
        assert client_of(alice).get(f"/admin/{table}").status_code == 404
        assert client_of(clerk).get(f"/admin/{table}").status_code == 404
        assert client.get(f"/admin/{table}")["Location"] == f"/admin/login/?next=/admin/{table}"
    assert client.get("/admin/queue/", follow=True).request["PATH_INFO"] == "/accounts/login/"


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
        listing=market["market-brief"].listing, semver="3.0.0", manifest=hostile, digest="sha256:0", size=1, risk=1
    )
    page = client_of(moderator).get(f"/admin/marketplace/listingversion/{version.pk}/change/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_no_column_can_be_guessed_through_a_filter(client_of: ClientOf, mod: User, alice: User) -> None:
    client = client_of(mod)
    for address in (
        f"/admin/tenants/user/?password__startswith={alice.password[:6]}",
        "/admin/tenants/user/?memberships__tenant__slug=acme",
        "/admin/marketplace/listing/?publisher__tenant_id__isnull=0",
    ):
        assert client.get(address).status_code in {302, 400}, address
        assert (
            "alice@" not in client.get(address, follow=True).content.decode()
            or "e=1" in client.get(address)["Location"]
        )
    for address in (
        "/admin/tenants/user/?_to_field=password&_popup=1",
        "/admin/autocomplete/?app_label=tenants&model_name=user&field_name=password&term=a",
    ):
        assert client.get(address).status_code in {400, 403}, address
    assert "alice@" not in client.get("/admin/search/?s=alice").content.decode()


def test_side_doors_are_shut(client_of: ClientOf, alice: User, clerk: User) -> None:
    for user in (alice, clerk):
        client = client_of(user)
        for address in ("autocomplete/?term=a", "search/?s=a", "r/1/1/", "jsi18n/", "moderation/", "nothing/"):
            assert client.get(f"/admin/{address}").status_code == 404, address


def test_words_are_written_by_senior_moderators_and_logged(client_of: ClientOf, mod: User, senior: User) -> None:
    given = {"name": "harbour", "why": "The harbour's own.", "tenant_id": ""}
    assert client_of(mod).post("/admin/marketplace/reservedname/add/", given).status_code == 403
    assert not ReservedName.objects.filter(name="harbour").exists()
    assert client_of(senior).post("/admin/marketplace/reservedname/add/", given).status_code == 302
    assert ReservedName.objects.get(name="harbour").why == "The harbour's own."
    line = ActivityLog.objects.get(action="reservedname.added")
    assert (line.actor_name, line.target_name) == ("Senior", "harbour")


def test_the_log_is_only_read(client_of: ClientOf, moderator: User, market: Market) -> None:
    client = client_of(moderator)
    line = activity.record("listing.seen", market["market-brief"].listing, by=SYSTEM)
    for act in ("add/", f"{line.pk}/delete/"):
        assert client.post(f"/admin/moderation/activitylog/{act}", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/moderation/activitylog/{line.pk}/change/", {"action": "x"}).status_code == 403
    client.post(
        "/admin/moderation/activitylog/",
        {"action": "delete_selected", "_selected_action": [str(line.pk)], "post": "yes"},
    )
    assert ActivityLog.objects.get(pk=line.pk).action == "listing.seen"


def test_states_cannot_be_typed_in(client_of: ClientOf, moderator: User, market: Market) -> None:
    version = market["market-brief"]
    client = client_of(moderator)
    for address, field in (
        (f"marketplace/listingversion/{version.pk}", {"review_state": "rejected", "availability": "yanked"}),
        (f"marketplace/publisher/{version.listing.publisher_id}", {"standing": "banned"}),
        (f"tenants/user/{moderator.pk}", {"is_active": ""}),
    ):
        assert client.post(f"/admin/{address}/change/", field).status_code == 403
    version.refresh_from_db()
    assert (version.review_state, version.availability, version.listing.publisher.standing) == (
        "published",
        "available",
        "good",
    )
