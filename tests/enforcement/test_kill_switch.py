"""The switch on real processes: two workspaces, four runs. `bench/kill_switch.py` is the same with 200 and 40."""

from __future__ import annotations

import time

from tenants.provenance.revoked import FRESH_SECONDS
from tests.enforcement.switching import Stand
from tests.servers.live import LiveStack
from tests.servers.llm import FakeLLM
from tests.servers.waiting import wait_for


def test_a_block_stops_every_run_everywhere_and_lifting_puts_everything_back(
    live_stack: LiveStack, live_model: FakeLLM
) -> None:
    live_model.latency = 6.0  # so that a run of forty tasks is under way for four minutes
    stand = Stand(live_stack, workspaces=2, lines=3)
    assert stand.start_everywhere(2) == [202] * 4
    stand.wait_until_running(4, 120)
    before = stand.kept()
    stand.block()
    time.sleep(2 * FRESH_SECONDS)  # what a process knows of blocks is so old at most
    assert stand.start_everywhere() == [409, 409]
    stand.wait_until_stopped(4, 120)
    ended = stand.ended()
    assert [(each.status, each.reason) for each in ended] == [("cancelled", "revoked")] * 4
    assert ended[0].detail == (
        "The marketplace has blocked it: It harms whoever runs it. More: /market/globex/switched/"
    )
    assert max(each.seconds for each in ended) < 60
    assert stand.last_begun() < 0
    stand.lift()
    assert stand.kept() == before
    wait_for(lambda: stand.start_everywhere() == [202, 202])
    stand.wait_until_running(2, 120)
    stand.cancel_all()
