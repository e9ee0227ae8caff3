"""The page's live connection, against a socket that drops, repeats, skips and refuses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute

from tests.site.alone import HOME, page_alone
from tests.site.browser import PATIENCE_MS

pytestmark = pytest.mark.browser
PAGE = "<!DOCTYPE html><title>t</title><body>"
WATCH = """async ({after, poll}) => {
  const { connect } = await import("/static/site/live.js");
  window.got = []; window.states = []; window.polled = [];
  window.live = connect("/w/acme/ws/");
  live.onState((state) => states.push(state));
  const options = poll ? { poll: async (after) => { polled.push(after); return poll; } } : {};
  live.subscribe("run:1", after, (message) => got.push(message.seq ?? message.type), options);
}"""


@dataclass
class Server:
    """The other end: what it was asked, and its sockets in the order in which they came."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)
    refuse: int | None = None

    def accept(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.asked.append(json.loads(text)))
        if self.refuse is not None:
            socket.close(code=self.refuse)

    def send(self, *numbers: int, **more: Any) -> None:
        for number in numbers:
            message = {"type": "agent.task", "topic": "run:1", "seq": number, "data": {}}
            self.sockets[-1].send(json.dumps({**message, **more}))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_alone(browser, PAGE) as opened:
        yield opened


@pytest.fixture
def server(page: Page) -> Server:
    made = Server()
    page.route_web_socket("**/ws/", made.accept)
    return made


def watch(page: Page, after: int = 0, poll: list[dict[str, Any]] | None = None) -> None:
    """The page's clock goes on as it does, and can be moved forward by `page.clock.run_for`."""
    page.clock.install()
    page.goto(HOME)
    page.evaluate(WATCH, {"after": after, "poll": poll})


def until(page: Page, done: Callable[[], bool]) -> None:
    """Wait for what the other end gets: the page cannot be asked about it."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not done():
        assert time.monotonic() < end
        page.wait_for_timeout(20)


def test_each_message_once_and_in_order(page: Page, server: Server) -> None:
    watch(page, after=2)
    page.wait_for_function("states.at(-1)?.state === 'live'")
    server.send(1, 2, 3, 3, 5, 4, 6, 6)
    page.wait_for_function("got.length >= 4")
    assert page.evaluate("got") == [3, 4, 5, 6]
    assert server.asked[0] == {"action": "subscribe", "topic": "run:1", "after": 2}


def test_a_gap_is_asked_for(page: Page, server: Server) -> None:
    watch(page)
    page.wait_for_function("states.at(-1)?.state === 'live'")
    server.send(1)
    page.wait_for_function("got.length === 1")
    page.clock.run_for(900)
    server.send(4)
    until(page, lambda: len(server.asked) > 1)
    assert server.asked[-1] == {"action": "subscribe", "topic": "run:1", "after": 1}
    assert page.evaluate("got") == [1]
    server.send(2, 3)
    page.wait_for_function("got.length === 4")
    assert page.evaluate("got") == [1, 2, 3, 4]


def test_messages_without_a_number_go_through_and_answers_do_not(page: Page, server: Server) -> None:
    watch(page)
    page.wait_for_function("states.at(-1)?.state === 'live'")
    server.send(0, seq=None, type="agent.status")
    server.send(0, seq=None, type="subscribed")
    server.send(0, seq=None, type="error")
    page.wait_for_function("got.length === 2")
    assert page.evaluate("got") == ["agent.status", "error"]


def test_it_comes_back_where_it_was(page: Page, server: Server) -> None:
    watch(page)
    page.wait_for_function("states.at(-1)?.state === 'live'")
    server.send(1, 2, 3)
    page.wait_for_function("got.length === 3")
    server.sockets[0].close(code=1012)
    page.wait_for_function("states.at(-1)?.resumedFrom === 3")
    assert server.asked[-1] == {"action": "subscribe", "topic": "run:1", "after": 3}
    server.send(3, 4)
    page.wait_for_function("got.length === 4")
    assert page.evaluate("got") == [1, 2, 3, 4]
    assert page.evaluate("states.map(({ state }) => state)") == ["connecting", "live", "reconnecting", "live"]


@pytest.mark.parametrize(("code", "reason"), [(4401, "You are signed out."), (4404, "This workspace is gone.")])
def test_a_refusal_is_final(page: Page, server: Server, code: int, reason: str) -> None:
    server.refuse = code
    watch(page)
    page.wait_for_function("states.at(-1)?.state === 'refused'")
    assert page.evaluate("states.at(-1).reason") == reason
    page.clock.run_for(60_000)
    page.wait_for_timeout(100)  # what might come after all has to pass from the page to us
    assert len(server.sockets) == 1


def test_without_a_socket_it_polls_and_then_comes_back(page: Page, server: Server) -> None:
    server.refuse = 1011
    watch(page, poll=[{"type": "agent.task", "topic": "run:1", "seq": 1}])
    page.wait_for_function("states.at(-1)?.state === 'polling' && got.length === 1")
    assert page.evaluate("polled[0]") == 0
    server.refuse = None
    page.wait_for_function("states.at(-1)?.state === 'live'")
    before = page.evaluate("polled.length")
    server.send(1, 2)
    page.wait_for_function("got.length === 2")
    page.clock.run_for(5_500)
    assert page.evaluate("polled.length") == before
    assert page.evaluate("got") == [1, 2]
