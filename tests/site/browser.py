"""A real Chromium, closed to the outside, that notes everything a page should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE *.localhost , EXCLUDE localhost",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = (1280, 800), (390, 844)
PATIENCE_MS = 120_000  # for whatever a page waits for: a machine may be slow, and one that is quick waits for nothing
_LISTEN = (
    "addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));"
)
_ASK = "options => axe.run(options).then(found => found.violations)"


def chromium() -> str:
    """Where the browser is. Without one the test is skipped, except in CI, which has to have it."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    reason = "no Chromium here: install it (apt install chromium) or name it in CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Ends with its test module: while it runs, Django believes to be inside an event loop."""
    path = chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """`options` as Playwright's new_context takes them: color_scheme, storage_state, …"""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


@dataclass
class Visitor:
    """Somebody with a window. `complaints` collects what the pages did wrong."""

    context: BrowserContext
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._heard)
        page.on("request", self._asked)
        self.go(page, path)
        return page

    def go(self, page: Page, path: str) -> None:
        answer = page.goto(self.base + path)
        if answer is None or answer.status >= 400:
            self.complaints.append(f"{path} answers {answer and answer.status}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.base).netloc and not request.url.startswith("data:"):
            self.complaints.append(f"asks {request.url}")


@contextmanager
def visitor(browser: Browser, base: str, *, size: tuple[int, int] = WIDE, **options: Any) -> Iterator[Visitor]:
    viewport = {"width": size[0], "height": size[1]}
    with window(browser, viewport=viewport, reduced_motion="reduce", **options) as context:
        context.add_init_script(_LISTEN)
        yield Visitor(context, base)


def inaccessible(page: Page) -> list[str]:
    """What axe finds, on the page at its full height so that nothing lies under a bar that floats."""
    size = page.viewport_size or {"width": WIDE[0], "height": WIDE[1]}
    height = max(size["height"], int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_ASK, {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    page.set_viewport_size(size)
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}" for each in found for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def keep(page: Page, name: str, variable: str = "GUILDHALL_PICTURES") -> None:
    """Write a picture when the variable names a folder: `docs/images` for the README's."""
    folder = os.environ.get(variable)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
