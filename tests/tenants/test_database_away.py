"""While the database is away every door says so, and asks to come back."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.servers.live import LiveStack, database_away


@pytest.fixture
def away(live_stack: LiveStack) -> Iterator[None]:
    with database_away(live_stack):
        yield


@pytest.mark.parametrize("path", ["/w/nowhere/api/v1/runs/", "/w/acme/api/v1/runs/"])
def test_the_api(live_stack: LiveStack, away: None, path: str) -> None:
    answer = httpx.get(live_stack.url + path, headers={"Authorization": "Bearer gh_00000000_x"}, timeout=120)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.headers["Content-Type"], answer.json()["code"]) == ("application/problem+json", "unavailable")


@pytest.mark.parametrize("path", ["/", "/workspaces/", "/w/globex/"])
def test_a_page(live_stack: LiveStack, away: None, path: str) -> None:
    answer = httpx.get(live_stack.url + path, cookies={"sessionid": "a" * 32}, timeout=120)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database does not answer at the moment." in answer.text
    assert "Traceback" not in answer.text
