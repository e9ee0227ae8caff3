"""The kill switch: 40 runs of a listing that 200 workspaces hold, from the moment of its block until the last of them has stopped.

20 of the workspaces are real, with a crew, a schedule and two runs each; the other 180 are lines of the ledger of installations, as
nothing runs there. The runs wait for a model that takes two seconds for each of 40 tasks. Measured a second time with Redis killed, so that
no push reaches a worker and it has to find out by looking.
"""

from __future__ import annotations

import time
from signal import SIGKILL
from typing import Any

from bench import stage
from bench.report import against_goal
from config.stack.processes import spawn
from tests.enforcement.switching import Stand
from tests.servers.live import LiveStack
from tests.servers.llm import FakeLLM

NAMES = ("kill_switch_p95_seconds", "kill_switch_without_redis_p95_seconds")
WORKSPACES, LINES, EACH = 20, 180, 2
RUNS = WORKSPACES * EACH
LATENCY = 2.0
GOAL = 30.0
TRYING = 8.0


def measure() -> list[dict[str, Any]]:
    with FakeLLM(latency=LATENCY) as model:
        env = {"OPENAI_BASE_URL": model.openai_url, "OPENAI_MODEL": "fake-1"}
        with stage.stack(("crews", "beat"), env) as live:
            stand = Stand(live, workspaces=WORKSPACES, lines=LINES)
            measured = _switch(stand), _switch(stand, away=True)
    return [against_goal(name, value, "s", GOAL, note) for name, (value, note) in zip(NAMES, measured, strict=True)]


def _switch(stand: Stand, *, away: bool = False) -> tuple[float, str]:
    """Start, block, watch, lift: the 95th of a hundred stops in seconds, and the rest in words."""
    stand.cancel_all()
    stand.start_everywhere(EACH)
    stand.wait_until_running(RUNS, 180)
    before = stand.kept()
    if away:
        _kill_redis(stand.live)
    stand.block()
    refused = _try_to_start(stand)
    stand.wait_until_stopped(RUNS, GOAL * 2)
    seconds = sorted(each.seconds for each in stand.ended())
    last = stand.last_begun()
    if away:
        _start_redis(stand.live)
    stand.lift()
    same = "unchanged" if stand.kept() == before else "CHANGED"
    began = time.monotonic()
    again = stand.start_everywhere().count(202)
    stand.wait_until_running(WORKSPACES, 60)
    p95 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))] if seconds else float("inf")
    note = (
        f"{len(seconds)} of {RUNS} runs stopped, slowest {seconds[-1] if seconds else 0:.2f} s; {refused} starts refused, the last run began "
        f"{last:.1f} s after the block; data of {WORKSPACES} workspaces {same}; after lifting {again} of {WORKSPACES} run again within "
        f"{time.monotonic() - began:.1f} s; {LINES} of {LINES + WORKSPACES} holders are lines of the ledger"
    )
    return p95, note


def _try_to_start(stand: Stand) -> str:
    """Ask for runs everywhere for some seconds, as workspaces would that have not heard of it."""
    ends, answers = time.monotonic() + TRYING, []
    while time.monotonic() < ends:
        answers += stand.start_everywhere()
    return f"{answers.count(409)} of {len(answers)}"


def _kill_redis(live: LiveStack) -> None:
    live.running["valkey"][0].send_signal(SIGKILL)


def _start_redis(live: LiveStack) -> None:
    _, program = live.running["valkey"]
    live.running["valkey"] = (spawn(program), program)
    time.sleep(2)
