"""A page of a test's own: our scripts and styles beside it, no server behind it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Route

from tests.site.browser import window

HOME = "http://app.localhost/"
STATIC = Path(__file__).parents[2] / "static"


@contextmanager
def page_alone(browser: Browser, html: str) -> Iterator[Page]:
    """A new page that is not open yet; at HOME it finds `html`, below `static/` our files."""

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(HOME)
        if not path.startswith("static/"):
            return route.fulfill(body=html, content_type="text/html")
        kind = mimetypes.guess_type(path)[0] or "text/plain"
        return route.fulfill(body=(STATIC / path.removeprefix("static/")).read_bytes(), content_type=kind)

    with window(browser) as context:
        page = context.new_page()
        page.route("**/*", serve)
        yield page
