from __future__ import annotations

from django.test import Client

from marketplace.models import Listing
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.marketplace.ours import Market


def test_the_front_page_shows_each_listing_once(market: Market, client: Client) -> None:
    page = client.get("/").content.decode()
    for title in ("Document analyst", "Market brief", "Schelling segregation"):
        assert page.count(f">{title}</a>") == 1
    assert page.index("Start with these") < page.index("Simulations")


def test_search_keeps_its_state_in_the_address(market: Market, client: Client) -> None:
    page = client.get("/market/", {"q": "citations", "kind": "crew", "ordering": "title"}).content.decode()
    assert "Results for “citations”" in page
    assert "2 listings" in page
    assert 'href="?q=citations&amp;kind=crew&amp;category=research&amp;ordering=title"' in page
    assert 'href="?q=citations&amp;ordering=title"' in page


def test_a_broken_filter_is_dropped_and_text_is_escaped(market: Market, client: Client) -> None:
    page = client.get("/market/", {"q": "<script>alert(1)</script>", "kind": "robot", "page": "x"})
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


def test_nothing_found_offers_a_way_on(market: Market, client: Client) -> None:
    page = client.get("/market/", {"q": "unicorn", "kind": "crew"}).content.decode()
    assert "Nothing fits “unicorn”" in page
    assert "Without “Crew”" in page


def test_a_listing_has_tabs(market: Market, client: Client) -> None:
    texts = {
        "": "Read this workspace’s documents",
        "permissions/": "Whatever is not in this list is denied.",
        "versions/": "sha256:",
        "share/": "http://testserver/market/guildhall/document-analyst/",
    }
    for tab, text in texts.items():
        page = client.get(f"/market/guildhall/document-analyst/{tab}")
        assert page.status_code == 200
        assert text in page.content.decode()
        assert "'unsafe" not in page["Content-Security-Policy"]


def test_a_scenario_shows_its_published_result(market: Market, client: Client) -> None:
    page = client.get("/market/guildhall/schelling-segregation/").content.decode()
    assert "Published results it reproduces" in page
    assert "0.7 – 0.8" in page


def test_a_listing_that_is_not_there_is_a_page(market: Market, client: Client) -> None:
    page = client.get("/market/guildhall/nothing/")
    assert page.status_code == 404
    assert "There is no such listing" in page.content.decode()


def test_install_leads_to_sign_in_then_to_the_workspace(
    market: Market, client: Client, client_of: ClientOf, alice: User, acme: Tenant
) -> None:
    address = "/market/guildhall/document-analyst/install/"
    assert (
        client.get(address)["Location"] == "/accounts/login/?next=%2Fmarket%2Fguildhall%2Fdocument-analyst%2Finstall%2F"
    )
    assert "Install\n" in client_of(alice).get("/market/guildhall/document-analyst/").content.decode()
    assert client_of(alice).get(address)["Location"] == "/w/acme/installed/new/guildhall/document-analyst/"


def test_nobody_is_led_into_a_workspace_that_is_not_theirs(
    market: Market, client_of: ClientOf, mallory: User, victor: User, acme: Tenant, globex: Tenant
) -> None:
    address = "/market/guildhall/document-analyst/install/?workspace=acme"
    assert client_of(mallory).get(address).status_code == 404
    assert client_of(victor).get(address).status_code == 404
    assert Listing.objects.get(slug="document-analyst").installs == 0
