"""The lab in a real browser: a play watched live, stepped, wound back, looked into and compared; and without scripts."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.live import LiveStack
from tests.servers.waiting import wait_for
from tests.site.browser import PHONE, Visitor, inaccessible, keep, overflow, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = "300"  # two steps a second: it is not over before somebody has clicked
TONES = """() => {
  const canvas = document.querySelector("[data-stage=mine] canvas");
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(pixels).size;
}"""
PIXELS = "() => document.querySelector('[data-stage=mine] canvas').toDataURL()"


def begin(page: Page, alice: Visitor, *, seed: str, steps: str) -> str:
    """Add Schelling, play it with its strong preset; the address of the play."""
    alice.go(page, "/w/acme/scenarios/")
    card = page.locator("article", has_text="Schelling segregation").filter(has=page.locator("button"))
    card.get_by_role("button", name="Add to this workspace").click()
    page.get_by_role("link", name="Strong wish (70 %)").click()
    page.get_by_label("Steps at most").fill(steps)
    page.get_by_label("Pace", exact=True).select_option("2" if steps == LONG else "0")
    page.get_by_label("Seed").fill(seed)
    page.get_by_role("button", name="Play").click()
    page.wait_for_url("**/simulations/*/")
    return page.url.removeprefix(alice.base)


def shown(page: Page, step: int | str) -> None:
    expect(page.locator("[data-shown]")).to_have_text(f"step {step}")
    expect(page.locator("[data-at]")).to_have_text(str(step))


def test_a_play_is_watched_stepped_wound_back_and_looked_into(
    browser: Browser, live_stack: LiveStack, signed_in: Any
) -> None:
    with visitor(browser, live_stack.url, storage_state=signed_in) as alice:
        page = alice.open("/w/acme/scenarios/")
        play = begin(page, alice, seed="5", steps=LONG)
        page.get_by_role("button", name="Newest").click()
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("[data-status]")).to_contain_text("Paused")
        rested = page.request.get(f"{alice.base}/w/acme/api/v1{play.removeprefix('/w/acme')}").json()["step"]
        for step in range(rested + 1, rested + 4):
            page.get_by_role("button", name="One step", exact=True).click()
            expect(page.locator("[data-newest]")).to_have_text(str(step))
            shown(page, step)
            expect(page.locator("[data-status]")).to_contain_text("Paused")
        assert inaccessible(page) == []
        page.get_by_label("Pace", exact=True).select_option("0")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("[data-status]")).to_contain_text("Completed")
        last = page.request.get(f"{alice.base}/w/acme/api/v1{play.removeprefix('/w/acme')}").json()["step"]
        assert last > rested + 3
        shown(page, last)
        assert page.evaluate(TONES) >= 3
        at_last = page.evaluate(PIXELS)
        keep(page, "lab")
        page.get_by_role("button", name="First step").click()
        shown(page, 0)
        expect(page.locator("[data-summary]")).to_contain_text(re.compile(r"Step 0: \d\d\.\d% of neighbours are alike"))
        assert page.evaluate(PIXELS) != at_last, "the first step looks like the last"
        look_into(page)
        write_down(page)
        alice.go(page, f"{play}?step=7")
        shown(page, 7)
        assert alice.complaints == []


def look_into(page: Page) -> None:
    """An agent found in the table, then what is known of it."""
    page.get_by_role("tab", name="Agents").click()
    page.get_by_label("Search agents").fill("resident 12 ")
    page.get_by_role("button", name=re.compile("^Resident 12$")).click()
    expect(page.locator("[data-inspector]")).to_contain_text("Resident 12")
    expect(page.locator("[data-inspector] dl").first).to_contain_text("Group")


def write_down(page: Page) -> None:
    page.get_by_role("tab", name="Notes").click()
    page.get_by_label("A word on this step").fill("quarters begin")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("[data-notes]")).to_contain_text("quarters begin")
    expect(page.locator("[data-marks] button")).to_have_count(1)


def test_two_plays_stand_side_by_side_on_a_phone(browser: Browser, live_stack: LiveStack, signed_in: Any) -> None:
    with visitor(browser, live_stack.url, size=PHONE, storage_state=signed_in, color_scheme="dark") as alice:
        page = alice.open("/w/acme/scenarios/")
        with live_stack.frozen("simulations"):  # so that the page comes before the first step
            begin(page, alice, seed="6", steps="10")
            expect(page.locator("[data-connection]")).to_have_text("Live.")
        expect(page.locator("[data-status]")).to_contain_text("Completed")
        page.get_by_role("link", name="Change and play again").click()
        page.get_by_label("Steps at most").fill("10")
        page.get_by_label("Pace", exact=True).select_option("0")
        page.get_by_label("Seed").fill("7")
        page.get_by_role("button", name="Play").click()
        expect(page.locator("[data-status]")).to_contain_text("Completed")
        page.get_by_text("Beside another play").click()
        page.get_by_label("Play of the same scenario").select_option(index=1)
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("button", name="Newest").click()
        shown(page, 10)
        expect(page.locator("[data-metric=similarity] [data-apart]")).to_have_text(re.compile(r"^[+-]?\d+\.\d%$"))
        expect(page.locator("[data-stage=beside] [data-stage-note]")).to_be_hidden()
        assert overflow(page) <= 0
        assert inaccessible(page) == []
        assert alice.complaints == []


def test_without_scripts_everything_basic_is_there(browser: Browser, live_stack: LiveStack, signed_in: Any) -> None:
    with visitor(browser, live_stack.url, storage_state=signed_in, java_script_enabled=False) as alice:
        page = alice.open("/w/acme/scenarios/")
        play = begin(page, alice, seed="8", steps=LONG)
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("[data-status]")).to_contain_text("Paused")
        page.get_by_role("button", name="One step", exact=True).click()
        wait_for(partial(has_rested, alice, page, play))
        alice.go(page, f"{play}?step=0")
        expect(page.locator("[data-summary]")).to_contain_text("of neighbours are alike")
        expect(page.locator("[data-figure=similarity] [data-value]")).to_have_text(re.compile(r"^\d\d\.\d%$"))
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("[data-status]")).to_contain_text("Stopped")


def has_rested(alice: Visitor, page: Page, play: str) -> bool:
    alice.go(page, play)
    status, digest = (page.locator(part).inner_text() for part in ("[data-status]", "[data-digest]"))
    return "Paused" in status and digest != "–"
