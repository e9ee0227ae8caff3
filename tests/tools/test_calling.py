from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.house import TOOLS
from agents.tools.registry import Limits, Tool, arguments_of
from tests.tools.conftest import ANNA, MakeBench, granted


def tool(answer: str = "yes", *, wait: float = 0, permissions: tuple[str, ...] = (), **limits: Any) -> Tool:
    def make(_context: Any) -> Any:
        async def run(_arguments: Mapping[str, Any], _user: User) -> str:
            await asyncio.sleep(wait)
            return answer

        return run

    spec = ToolSpec("probe", "A probe.", arguments_of(["n"], n={"type": "integer", "minimum": 1}))
    return Tool("Probe", "Probes.", permissions, spec, make, limits=Limits(**limits))


def failure(bench: Any, name: str = "probe", user: User = ANNA, /, **arguments: Any) -> str:
    with pytest.raises(ToolFailed) as refusal:
        bench.use(name, user, **arguments)
    return str(refusal.value)


def test_arguments_must_fit(bench_of: MakeBench) -> None:
    bench = bench_of(tools={"probe": tool()})
    assert bench.use("probe", n=1) == "yes"
    assert failure(bench, n=0) == "probe was given wrong arguments: at “$.n”: 0 is less than the minimum of 1."
    assert failure(bench) == "probe was given wrong arguments: at “$”: 'n' is a required property."
    assert "Additional properties are not allowed" in failure(bench, n=1, tenant="globex")


def test_calls_are_counted_over_all_agents(bench_of: MakeBench) -> None:
    bench = bench_of(tools={"probe": tool(calls=2)})
    bench.use("probe", n=1)
    bench.use("probe", User("bob", "t2", 1), n=1)
    assert failure(bench, n=1) == "probe was used 2 times in this run, which is all it may be. Go on without it."


def test_a_call_takes_only_so_long(bench_of: MakeBench) -> None:
    bench = bench_of(tools={"probe": tool(wait=5, seconds=0.05)})
    assert failure(bench, n=1) == "probe took longer than 0.05 seconds and was stopped."


def test_a_long_answer_is_cut_and_says_so(bench_of: MakeBench) -> None:
    bench = bench_of(tools={"probe": tool("x" * 2_000, characters=10)})
    assert bench.use("probe", n=1) == (
        "xxxxxxxxxx\n[The answer has 2,000 characters; these are the first 10. Ask for less to see the rest.]"
    )


def test_a_tool_that_is_gone_is_refused_when_it_is_used(bench_of: MakeBench) -> None:
    bench = bench_of()
    assert (
        failure(bench, "mcp:tracker/find", anything="goes")
        == "There is no tool mcp:tracker/find in this workspace any more."
    )
    assert bench.made["mcp:tracker/find"].spec.name == "mcp_tracker_find"
    assert bench.refused == [("mcp:tracker/find", "There is no tool mcp:tracker/find in this workspace any more.")]
    assert bench.told[0][0] == "tool.refused"
    assert bench.told[0][1]["agent"] == "anna"


@pytest.mark.parametrize(
    ("name", "grants", "reason"),
    [
        ("calculator", set(), "This was installed without the permission to use the tool calculator."),
        ("search_knowledge", {"tool:search_knowledge"}, "This was installed without a permission that search_knowledge needs: Reads the documents of this workspace."),
        ("fetch_web_page", {"tool:fetch_web_page"}, "This was installed without a permission that fetch_web_page needs: Fetches pages from the public web."),
        ("ask_agent", {"tool:ask_agent", "model:any"}, "This was installed without a permission that ask_agent needs: Has another agent of the crew answer, which costs model calls."),
    ],
)  # fmt: skip
def test_an_installed_crew_may_only_what_was_granted(
    bench_of: MakeBench, name: str, grants: set[str], reason: str
) -> None:
    bench = bench_of(leave=granted(*grants))
    assert failure(bench, name) == reason
    assert bench.refused == [(name, reason)]


def test_what_was_granted_works(bench_of: MakeBench) -> None:
    assert bench_of(leave=granted("tool:calculator")).use("calculator", expression="1 + 1") == "2"


def test_every_tool_of_the_house_can_be_made(bench_of: MakeBench) -> None:
    bench = bench_of()
    for name in TOOLS:
        with pytest.raises(ToolFailed, match="was given wrong arguments"):
            bench.use(name, nonsense=True)
