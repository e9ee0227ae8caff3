"""A browser for the tests of a file, and what it keeps of somebody who has signed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.live import LiveStack

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from tests.site.browser import running_browser

    with running_browser() as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser, live_stack: LiveStack) -> Any:
    """The cookies of alice's browser, for `visitor(..., storage_state=signed_in)`."""
    from tests.cast import PASSWORD
    from tests.site.browser import visitor

    with visitor(browser, live_stack.url) as alice:
        page = alice.open("/accounts/login/")
        page.get_by_label("Email").fill("alice@acme.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/workspaces/**")
        return alice.context.storage_state()
