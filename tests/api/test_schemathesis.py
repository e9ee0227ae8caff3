"""Requests made up from the API's own description, against a real server: nothing breaks, nothing is undocumented."""

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


@pytest.mark.parametrize("at", ["", "/w/acme"], ids=["public", "workspace"])
def test_made_up_requests(live_stack: LiveStack, at: str, tmp_path: Path) -> None:
    """A few of every operation."""
    look_at(live_stack.url, at, tmp_path, "fuzzing")


@only_in_ci
@pytest.mark.slow
def test_every_corner_of_building_and_running(live_stack: LiveStack, tmp_path: Path) -> None:
    """Each bound, type and missing part of every body, query and header, one by one."""
    look_at(live_stack.url, "/w/acme", tmp_path, "coverage", "--include-path-regex", BUILDING)
