"""The product in a real browser: the way to a first result, then every page in both colours and both widths."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD
from tests.servers.live import LiveStack
from tests.servers.telling import told
from tests.site.browser import PATIENCE_MS, PHONE, WIDE, inaccessible, keep, overflow, visitor
from tests.thorough import only_in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
STUDY = ROOT / "config/demo/documents/harbour-battery-study.md"


@dataclass
class Journey:
    """What somebody saw on the way from sign-in to a result, and the addresses that they came by."""

    signed_in: Any
    pages: dict[str, str] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    result: str = ""
    verdicts: list[str] = field(default_factory=list)
    cited: str = ""
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def stocked(browser: Browser, live_stack: LiveStack) -> LiveStack:
    """The live product with our listings on its market."""
    told(live_stack, "from django.core.management import call_command\ncall_command('publish_catalogue')")
    return live_stack


@pytest.fixture(scope="module")
def journey(browser: Browser, stocked: LiveStack) -> Journey:
    with visitor(browser, stocked.url) as person:
        page = person.open("/accounts/login/")
        page.get_by_label("Email").fill("alice@acme.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()
        seen = Journey(person.context.storage_state())
        _install(page, person.base, "document-analyst")
        _upload(page, person.base)
        _run_crew(page, stocked, seen)
        _install(page, person.base, "schelling-segregation")
        _play(page, person.base, seen)
        seen.complaints = person.complaints
    return seen


def _install(page: Page, base: str, listing: str) -> None:
    page.goto(f"{base}/market/guildhall/{listing}/")
    page.get_by_role("button", name="Install into Acme").click()
    page.wait_for_load_state()  # or boxes that are not there yet would not be ticked
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Grant these and install").click()
    expect(page.get_by_role("status").filter(has_text="is installed.")).to_be_visible()


def _upload(page: Page, base: str) -> None:
    page.goto(f"{base}/w/acme/documents/")
    page.get_by_label("Files").set_input_files(STUDY)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("row", name=STUDY.name)).to_contain_text("Ready")


def _run_crew(page: Page, stack: LiveStack, seen: Journey) -> None:
    page.goto(f"{stack.url}/w/acme/crews/")
    page.get_by_role("link", name="Document analyst").click()
    seen.pages["crew"] = page.url.removeprefix(stack.url)
    page.get_by_label("Question", exact=True).fill("How much energy can the battery store, and what does it cost?")
    with stack.frozen("crews"):  # or a run that is quicker than the page is seen by nobody
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator("[data-connection]")).to_have_text(re.compile("Live"))
        _watch(page)
    expect(page.locator("[data-connection]")).to_have_text(re.compile("Finished"))
    noted = page.evaluate("window.seen")
    seen.states, seen.said = noted["states"], noted["said"]
    seen.pages["run"] = page.url.removeprefix(stack.url)
    seen.result = page.locator("#run-result").inner_text()
    seen.verdicts = [str(cite.get_attribute("data-verdict")) for cite in page.locator("#run-result .cite").all()]
    keep(page, "run")
    page.locator("#run-result .cite").first.click()
    seen.pages["document"] = page.url.removeprefix(stack.url).partition("#")[0]
    seen.cited = page.locator(".passage-card:target").inner_text()


def _watch(page: Page) -> None:
    """Note each state that the page shows by itself."""
    page.evaluate(
        """() => { window.seen = {states: [], said: []};
        const note = (list, value) => value && list.at(-1) !== value && list.push(value);
        const look = () => { note(seen.states, document.querySelector('[data-status]').dataset.status);
                             note(seen.said, document.querySelector('[data-announce]').textContent); };
        look(); new MutationObserver(look).observe(document.querySelector('[data-run]'),
                {subtree: true, childList: true, characterData: true, attributes: true}); }"""
    )


def _play(page: Page, base: str, seen: Journey) -> None:
    page.goto(f"{base}/w/acme/scenarios/")
    page.get_by_role("main").get_by_role("link", name=re.compile("Schelling", re.IGNORECASE)).first.click()
    seen.pages["scenario"] = page.url.removeprefix(base)
    page.get_by_label("Seed").fill("3")  # most towns settle in 20 steps, but one of sixty never does
    page.get_by_role("button", name="Play").click()
    page.wait_for_url("**/simulations/*/")
    seen.pages["simulation"] = page.url.removeprefix(base)
    # The catalogue's evaluations were queued before it, and a worker with one process plays them first.
    expect(page.get_by_role("main")).to_contain_text("Completed", timeout=5 * PATIENCE_MS)
    page.reload()
    expect(page.get_by_text("The picture needs JavaScript")).to_be_hidden()
    keep(page, "simulation")


def test_from_sign_in_to_a_result_that_names_its_sources(journey: Journey) -> None:
    assert (journey.states[0], journey.states[-1]) == ("queued", "succeeded")
    assert journey.said[-1] == "The run: succeeded."
    assert "Quoted from the documents by the offline provider" in journey.result
    assert journey.verdicts
    assert set(journey.verdicts) == {"verified"}
    assert journey.cited
    assert journey.complaints == []


FIXED = {
    "market": "/",
    "search": "/market/?q=document",
    "listing": "/market/guildhall/document-analyst/",
    "permissions": "/market/guildhall/document-analyst/permissions/",
    "workspaces": "/workspaces/",
    "new workspace": "/workspaces/new/",
    "home": "/w/acme/",
    "runs": "/w/acme/runs/",
    "crews": "/w/acme/crews/",
    "documents": "/w/acme/documents/?q=energy",
    "scenarios": "/w/acme/scenarios/",
    "new scenario": "/w/acme/scenarios/new/",
    "simulations": "/w/acme/simulations/",
    "installed": "/w/acme/installed/",
    "members": "/w/acme/members/",
    "invitations": "/w/acme/members/invitations/",
    "keys": "/w/acme/keys/",
    "log": "/w/acme/settings/log/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "sign out": "/accounts/logout/",
}
SIGNED_OUT = {
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "reset": "/accounts/password/reset/",
    "market": "/",
}


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        pytest.param("light", WIDE, id="light-wide"),
        pytest.param("dark", PHONE, id="dark-phone"),
        pytest.param("light", PHONE, id="light-phone", marks=only_in_ci),
        pytest.param("dark", WIDE, id="dark-wide", marks=only_in_ci),
    ],
)
def test_every_page_is_accessible_and_keeps_to_itself(
    browser: Browser, stocked: LiveStack, journey: Journey, scheme: str, size: tuple[int, int]
) -> None:
    found: dict[str, list[str]] = {}
    for pages, state in ((FIXED | journey.pages, journey.signed_in), (SIGNED_OUT, None)):
        with visitor(browser, stocked.url, size=size, color_scheme=scheme, storage_state=state) as person:
            page = person.open("/accounts/login/" if state is None else "/workspaces/")
            for name, path in pages.items():
                person.go(page, path)
                too_wide = [f"{overflow(page)} px too wide"] if overflow(page) > 0 else []
                if wrong := [*inaccessible(page), *too_wide, *person.complaints]:
                    found[name] = wrong
                person.complaints.clear()
                keep(page, f"{name.replace(' ', '-')}-{scheme}-{size[0]}", "GUILDHALL_GALLERY")
    assert found == {}


def test_menus_close_and_themes_stay(browser: Browser, stocked: LiveStack, journey: Journey) -> None:
    with visitor(browser, stocked.url, size=PHONE, storage_state=journey.signed_in) as person:
        page = person.open("/w/acme/")
        sheet = page.get_by_role("navigation", name="Workspace")
        expect(sheet).to_be_hidden()
        page.get_by_role("button", name="Open the menu").click()
        expect(sheet).to_be_visible()
        assert inaccessible(page) == []
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.get_by_role("button", name="Colours of the page").click()
        page.get_by_role("button", name="Dark").click()
        page.reload()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search"
        assert person.complaints == []


def test_without_scripts_the_story_is_there(browser: Browser, stocked: LiveStack, journey: Journey) -> None:
    with visitor(browser, stocked.url, storage_state=journey.signed_in, java_script_enabled=False) as person:
        page = person.open(journey.pages["run"])
        expect(page.get_by_role("heading", name="Result")).to_be_visible()
        assert page.locator("#run-result").inner_text() == journey.result
        page.get_by_role("button", name="Your account").click()
        expect(page.get_by_role("link", name="Sign out")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Colours of the page").click()
        page.get_by_role("button", name="Dark").click()
        assert page.url.endswith(journey.pages["run"])
        assert page.locator("html").get_attribute("data-theme") == "dark"
