"""Sweeps in a real browser: drafted, watched while they run, read as a heat map, on a desk and on a phone in the dark."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.live import LiveStack
from tests.site.browser import PHONE, inaccessible, keep, overflow, visitor
from tests.thorough import only_in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, only_in_ci]


def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).first.fill(value)


def check(page: Page, name: str) -> None:
    assert inaccessible(page) == []
    assert overflow(page) <= 0
    keep(page, name)


def test_a_sweep_is_drafted_watched_and_read(browser: Browser, live_stack: LiveStack, signed_in: Any) -> None:
    with visitor(browser, live_stack.url, storage_state=signed_in) as alice:
        page = alice.open("/w/acme/scenarios/")
        card = page.locator("article", has_text="Schelling segregation").filter(has=page.locator("button"))
        card.get_by_role("button", name="Add to this workspace").click()
        page.get_by_role("link", name="Sweep", exact=True).click()
        fill(
            page, Size_of_the_town="20", Density="0.8, 0.9", Wanted_share="0.3, 0.5, 0.7", Seeds="3", Steps_at_most="5"
        )
        page.get_by_role("button", name="Estimate").click()
        expect(page.get_by_role("status").filter(has_text="This sweep takes")).to_contain_text("18")
        check(page, "sweep-draft")
        page.get_by_role("button", name="Start 18 runs").click()
        expect(page.locator("[data-sweep]")).to_contain_text("18 of 18 done")
        page.get_by_role("link", name="Similar neighbours").click()
        expect(page.locator("td[data-shade]")).to_have_count(6)
        check(page, "sweep")
        sweep = page.url.removeprefix(alice.base)
        assert alice.complaints == []
    with visitor(browser, live_stack.url, size=PHONE, storage_state=signed_in, color_scheme="dark") as alice:
        page = alice.open(sweep)
        check(page, "sweep-phone")
        alice.go(page, "/w/acme/sweeps/")
        check(page, "sweeps-phone")
        assert alice.complaints == []
