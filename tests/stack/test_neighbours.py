"""Two starts on one machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from config.stack import ports
from tests.stack.conftest import Stack, fetch

Start = Callable[..., Stack]


def test_a_taken_port_moves_it_to_the_next_free_one(start: Start) -> None:
    with ports.listen(0) as taken:
        port = taken.getsockname()[1]
        stack = start("--port", str(port))
        url = stack.wait_until_up()
    chosen = int(url.rpartition(":")[2])
    assert chosen > port
    assert f"Port {port} is taken; using {chosen}." in stack.said
    assert fetch(url).isdigit()


def test_two_checkouts_run_side_by_side(start: Start, place: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    first, second = start("--port", port, data=place / "one"), start("--port", port, data=place / "two")
    urls = {first.wait_until_up(), second.wait_until_up()}
    assert len(urls) == 2
    assert len({fetch(url) for url in urls}) == 2


def test_a_second_start_of_the_same_checkout_says_where_the_first_is(start: Start) -> None:
    first = start()
    url = first.wait_until_up()
    second = start()
    assert second.process.wait(20) == 1
    said = second.wait_for("already running")
    assert (
        said
        == f"Guildhall is already running here (process {first.process.pid}) at {url}. Stop it first, or use another --data-dir."
    )
    assert fetch(url).isdigit()
