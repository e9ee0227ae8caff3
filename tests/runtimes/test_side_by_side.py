"""Many runs in one process, and many tasks in one run, do not meet."""

import asyncio
import threading

import pytest

from agents.llm.types import OnText, Reply, Request, ToolCall, Usage
from agents.runtimes.crew import run_crew, warm_up
from agents.runtimes.outcome import CallId, CrewResult
from agents.runtimes.spec import CrewSpec, TaskSpec
from tests.runtimes.stage import Host, adder, agent, asked_for, crew, model_at, play, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

RUNS = 20
MANY, LATENCY = 500, 0.05


@pytest.fixture(scope="module", autouse=True)
def _crewai_is_loaded() -> None:
    """Its import takes seconds, which must not be measured."""
    warm_up()


def four_tasks(number: int) -> CrewSpec:
    """One task with a tool, two beside each other, one that joins them; every prompt names its run."""

    def work(name: str, **more: object) -> TaskSpec:
        return task(name, "adder" if name == "a" else "plain", description=f"run {number}, task {name}.", **more)

    beside = [work(name, async_execution=True) for name in ("b", "c")]
    return crew(agent("adder", tools=("add",)), agent("plain"), work("a"), *beside, work("d"))


def said(text: str) -> tuple[str, str]:
    return text.partition("run ")[2].split(",")[0], text.partition("task ")[2].split(".")[0]


def answer(seen: Seen) -> Say:
    """Names the run that asked; calls a tool first where there is one."""
    run, name = said(str(seen.messages[1]["content"]))
    if seen.tools and seen.messages[-1]["role"] != "tool":
        return Say(calls=[Call("add", {"a": 100, "b": int(run)})], usage=(10, 5))
    return Say(f"run {run} task {name}", usage=(10, 5))


def check(number: int, host: Host, result: CrewResult) -> None:
    assert result.usage == Usage(50, 25)
    assert (result.output, result.stop_reason) == (f"run {number} task d", "completed")
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


def test_twenty_runs_at_once_over_http_keep_their_events_apart_and_in_order() -> None:
    async def one(number: int) -> tuple[Host, CrewResult]:
        host = Host()
        return host, await run_crew(
            four_tasks(number), {}, complete=model_at(server), tools={"add": adder()}, hooks=host
        )

    async def all_at_once() -> list[tuple[Host, CrewResult]]:
        return await asyncio.gather(*map(one, range(RUNS)))

    with FakeLLM(answer, latency=0.01) as server:
        for number, (host, result) in enumerate(asyncio.run(all_at_once())):
            check(number, host, result)


async def test_five_hundred_runs_in_one_process_are_each_themselves_and_need_no_thread() -> None:
    keys, asking, most = dict[str, list[str]](), set[str](), 0

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        run, name = said(request.messages[1].content)
        keys.setdefault(run, []).append(call.key)
        nonlocal most
        asking.add(run)
        most = max(most, len(asking))
        await asyncio.sleep(LATENCY)
        while most < MANY:  # noqa: ASYNC110 - one after the other they would wait for ever
            await asyncio.sleep(0.05)
        asking.discard(run)
        if request.tools and request.messages[-1].role != "tool":
            wish = (ToolCall("c1", "add", {"a": 100, "b": int(run)}),)
            return Reply("", "memory", "m", Usage(10, 5), wish)
        if on_text:
            on_text("run ")
        return Reply(f"run {run} task {name}", "memory", "m", Usage(10, 5))

    async def one(number: int) -> tuple[Host, CrewResult]:
        host = Host()
        return host, await run_crew(four_tasks(number), {}, complete=complete, tools={"add": adder()}, hooks=host)

    threads = threading.active_count()
    played = await asyncio.gather(*map(one, range(MANY)))
    for number, (host, result) in enumerate(played):
        check(number, host, result)
        assert sorted(keys[str(number)]) == ["a/adder/m1", "a/adder/m2", "b/plain/m1", "c/plain/m1", "d/plain/m1"]
    assert threading.active_count() == threads
    assert most == MANY, "all of them were asked something at the same time"


def test_tasks_beside_each_other_are_asked_at_once() -> None:
    tasks = [task(f"t{number}", "worker", async_execution=True) for number in range(5)]
    spec = crew(agent("worker"), *tasks, task("join", "worker"))
    together = threading.Barrier(5, timeout=60)  # nobody is answered before all are asked

    def script(seen: Seen) -> str:
        if asked_for(seen) != "join":
            together.wait()
        return "Result."

    with FakeLLM(script) as server:
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
    assert len(result.steps) == 6
