"""The switch on real processes: two workspaces, four runs. `bench/kill_switch.py` is the same with 200 and 40."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.enforcement.switching import Stand
from tests.servers.live import LiveStack
from tests.servers.llm import FakeLLM


@pytest.fixture(scope="module")
def slow_model() -> Iterator[FakeLLM]:
    with FakeLLM(latency=1.5) as server:
        yield server


@pytest.fixture(scope="module")
def live_env(slow_model: FakeLLM) -> dict[str, str]:
    return {"OPENAI_BASE_URL": slow_model.openai_url, "OPENAI_MODEL": "fake-1"}


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    return ("crews",)


def test_a_block_stops_every_run_everywhere_and_lifting_puts_everything_back(live_stack: LiveStack) -> None:
    stand = Stand(live_stack, workspaces=2, lines=3)
    assert stand.start_everywhere(2) == [202] * 4
    stand.wait_until_running(4, 60)
    before = stand.kept()
    stand.block()
    assert stand.start_everywhere() == [409, 409]
    stand.wait_until_stopped(4, 30)
    ended = stand.ended()
    assert [(each.status, each.reason) for each in ended] == [("cancelled", "revoked")] * 4
    assert ended[0].detail == (
        "The marketplace has blocked it: It harms whoever runs it. More: /market/globex/switched/"
    )
    assert max(each.seconds for each in ended) < 30
    assert stand.last_begun() < 0
    stand.lift()
    assert stand.kept() == before
    assert stand.start_everywhere() == [202, 202]
    stand.wait_until_running(2, 30)
