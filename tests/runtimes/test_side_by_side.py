"""Many runs in one process, and many tasks in one run, do not meet."""

import asyncio
import time

from agents.llm.types import Usage
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import CrewResult
from agents.runtimes.spec import TaskSpec
from tests.runtimes.stage import Host, adder, agent, crew, model_at, play, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

RUNS = 20


def answer(seen: Seen) -> Say:
    """Names the run that asked; calls a tool first where there is one."""
    text = str(seen.messages[1]["content"])
    run, name = text.partition("run ")[2].split(",")[0], text.partition("task ")[2].split(".")[0]
    if seen.tools and seen.messages[-1]["role"] != "tool":
        return Say(calls=[Call("add", {"a": 100, "b": int(run)})], usage=(10, 5))
    return Say(f"run {run} task {name}", usage=(10, 5))


def test_twenty_runs_at_once_keep_their_events_apart_and_in_order() -> None:
    async def one(number: int) -> tuple[Host, CrewResult]:
        def work(name: str, **more: object) -> TaskSpec:
            return task(name, "adder" if name == "a" else "plain", description=f"run {number}, task {name}.", **more)

        spec = crew(
            agent("adder", tools=("add",)),
            agent("plain"),
            work("a"),
            work("b", async_execution=True),
            work("c", async_execution=True),
            work("d"),
        )
        host = Host()
        return host, await run_crew(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=host)

    async def all_at_once() -> list[tuple[Host, CrewResult]]:
        return await asyncio.gather(*map(one, range(RUNS)))

    with FakeLLM(answer, latency=0.01) as server:
        played = asyncio.run(all_at_once())
    for number, (host, result) in enumerate(played):
        assert result.usage == Usage(50, 25)
        assert result.output == f"run {number} task d"
        assert {step.output.text for step in host.steps} == {f"run {number} task {name}" for name in "abcd"}
        assert host.kinds(task="a") == [
            "task.started",
            "model.started",
            "model.finished",
            "tool.started",
            "tool.finished",
            "model.started",
            "model.finished",
            "task.finished",
        ]
        assert [event.data["output"] for event in host.events if event.kind == "tool.finished"] == [str(number + 100)]
        calls = [(event.task, event.data["call"]) for event in host.events if event.kind == "model.finished"]
        assert sorted(calls) == [("a", "m1"), ("a", "m2"), ("b", "m1"), ("c", "m1"), ("d", "m1")]
        joined = [event.task for event in host.events]
        assert joined.index("d") > max(place for place, name in enumerate(joined) if name in {"b", "c"})


def test_tasks_beside_each_other_take_the_time_of_one() -> None:
    tasks = [task(f"t{number}", "worker", async_execution=True) for number in range(5)]
    spec = crew(agent("worker"), *tasks, task("join", "worker"))
    with FakeLLM(latency=0.5) as server:
        started = time.monotonic()
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        took = time.monotonic() - started
    assert len(result.steps) == 6
    assert took < 1.7
