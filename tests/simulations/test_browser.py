"""The live page in a real browser."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from tests.cast import PASSWORD
from tests.servers.live import LiveStack

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
LISTEN = (
    "document.addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective))"
)
TONES = """() => {
  const canvas = document.querySelector("[data-picture]");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Map();
  for (let i = 0; i < pixels.length; i += 4) {
    const colour = [...pixels.slice(i, i + 4)].join();
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return [...seen.values()].sort((a, b) => b - a);
}"""


@pytest.fixture(scope="module")
def browser(live_stack: LiveStack) -> Iterator[Any]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture(params=["light at a desk", "dark on a phone"])
def page(request: pytest.FixtureRequest, browser: Any, live_stack: LiveStack, faults: list[str]) -> Iterator[Page]:
    size = {"width": 1280, "height": 900} if "desk" in request.param else {"width": 390, "height": 844}
    context = browser.new_context(
        base_url=live_stack.url, viewport=size, color_scheme=request.param.split()[0], reduced_motion="no-preference"
    )
    context.add_init_script(LISTEN)
    made = context.new_page()
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("console", lambda said: faults.extend([said.text] if said.type == "error" else []))
    made.goto("/accounts/login/")
    made.get_by_label("Email").fill("alice@acme.example")
    made.get_by_label("Password", exact=True).fill(PASSWORD)
    made.locator("main button[type=submit]").click()
    made.wait_for_url("**/workspaces/**")
    yield made
    context.close()


def assert_accessible(page: Page) -> None:
    """On the whole page at once: what a sticky bar covers depends on where the reader has scrolled to."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": page.evaluate("document.documentElement.scrollHeight")})
    found = Axe().run(page, options=RULES)
    page.set_viewport_size(size)
    assert found.violations_count == 0, found.generate_report()


def wait_for_picture(page: Page, tones: list[int]) -> None:
    deadline = time.monotonic() + 15
    while page.evaluate(TONES) != tones:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def begin(page: Page, preset: str, steps: str = "60") -> None:
    page.goto("/w/acme/scenarios/")
    page.get_by_role("button", name="Add to this workspace").first.click()
    page.get_by_role("link", name=preset).click()
    page.get_by_label("Steps at most").fill(steps)
    page.get_by_label("Pace", exact=True).select_option("15")
    page.get_by_label("Seed").fill("5")
    assert_accessible(page)
    page.get_by_role("button", name="Play").click()


def test_a_play_is_watched_live_paused_and_wound_back(page: Page, faults: list[str]) -> None:
    begin(page, "Strong wish (70 %)")
    expect(page.locator("[data-stage-note]")).to_be_hidden(timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-status]")).to_contain_text("Paused")
    rested = page.request.get(page.url.replace("/w/acme/", "/w/acme/api/v1/")).json()["step"]
    expect(page.locator("[data-newest]")).to_have_text(str(rested), timeout=60_000)
    page.get_by_role("button", name="One step", exact=True).click()
    expect(page.locator("[data-newest]")).to_have_text(str(rested + 1), timeout=60_000)
    expect(page.locator("[data-status]")).to_contain_text("Paused")
    assert_accessible(page)
    page.get_by_label("Pace", exact=True).select_option("0")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-status]")).to_contain_text("Completed", timeout=60_000)
    expect(page.locator("[data-shown]")).to_have_text("step 60", timeout=60_000)
    expect(page.get_by_role("link", name="Play again")).to_be_visible()
    tones = page.evaluate(TONES)
    assert sum(tones) == 51 * 51
    page.get_by_role("button", name="First step").click()
    expect(page.locator("[data-shown]")).to_have_text("step 0")
    expect(page.locator("[data-summary]")).to_contain_text(
        re.compile(r"Step 0: similar neighbours (49|50)\.\d%, unhappy")
    )
    assert page.evaluate(TONES) != tones, "the first step looks like the last"
    page.reload()
    expect(page.locator("[data-shown]")).to_have_text("step 60")
    wait_for_picture(page, tones)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []


def test_a_refusal_is_shown_on_the_page(page: Page, faults: list[str]) -> None:
    begin(page, "Mild wish (30 %)")
    expect(page.locator("[data-status]")).to_contain_text("Completed", timeout=60_000)
    page.evaluate("document.querySelector('[data-control=pause]').hidden = false")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("alert")).to_contain_text("This simulation is completed; it cannot become paused.")


def test_with_reduced_motion_nothing_moves_by_itself(browser: Any, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    begin(page, "Mild wish (30 %)")
    expect(page.locator("[data-status]")).to_contain_text("Completed", timeout=60_000)
    expect(page.locator("[data-shown]")).to_have_text("step 0")
    page.get_by_role("button", name="Newest").click()
    expect(page.locator("[data-shown]")).not_to_have_text("step 0")
