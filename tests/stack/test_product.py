"""The product itself on the stack: `manage.py up`, and the live stack that other tests use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from config.stack.paths import CHECKOUT
from tests.servers.live import LiveStack
from tests.stack.conftest import Stack, fetch, processes_of


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    return ("crews",)


@pytest.fixture
def up(place: Path) -> Iterator[list[Stack]]:
    started: list[Stack] = []
    yield started
    for stack in started:
        stack.close()


def _up(data: Path) -> Stack:
    own = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "ENVIRONMENT"}
    }
    command = [sys.executable, "manage.py", "up", "--port", "0", "--data-dir", str(data)]
    return Stack(
        data,
        subprocess.Popen(command, cwd=CHECKOUT, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True),
    )


@pytest.mark.slow
def test_manage_up_serves_pages_and_leaves_nothing(up: list[Stack], place: Path) -> None:
    up.append(_up(place / "data"))
    url = up[0].wait_for("Guildhall is up at", seconds=120).split()[4]
    assert "<html" in fetch(url)
    assert up[0].end(signal.SIGINT) == 0
    assert processes_of(place / "data") == []


def test_the_live_stack_serves_and_works(live_stack: LiveStack) -> None:
    with urllib.request.urlopen(f"{live_stack.url}/healthz", timeout=10) as answer:
        assert answer.status == 200
    before = live_stack.pid("crews")
    live_stack.kill_worker("crews")
    live_stack.start_worker("crews")
    assert live_stack.pid("crews") != before
    assert live_stack.env["PUBLIC_URL"] == live_stack.url
