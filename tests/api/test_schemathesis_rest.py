"""Every corner of the API that is not about building and running; that half is tried by test_schemathesis.py, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.api.made_up import BUILDING, NO_LIMITS, look_at
from tests.servers.live import LiveStack
from tests.thorough import only_in_ci


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    return ()


@pytest.fixture(scope="module")
def live_env() -> dict[str, str]:
    return NO_LIMITS


@only_in_ci
@pytest.mark.slow
def test_every_corner_of_the_public_api(live_stack: LiveStack, tmp_path: Path) -> None:
    look_at(live_stack.url, "", tmp_path, "coverage")


@only_in_ci
@pytest.mark.slow
def test_every_corner_of_the_rest(live_stack: LiveStack, tmp_path: Path) -> None:
    look_at(live_stack.url, "/w/acme", tmp_path, "coverage", "--exclude-path-regex", BUILDING)
