"""Crews that work in parallel, and crews whose next task is chosen by a router."""

import json
import threading
from collections.abc import Callable

import pytest

from agents.llm.types import BadReply, OnText, ProviderOverloaded, Reply, Request, Usage
from agents.runtimes.crew import warm_up
from agents.runtimes.outcome import Answer, CallId, CrewFailed, RuntimeEvent, StepOutput
from agents.runtimes.spec import CrewSpec, InputSpec, TaskSpec
from tests.runtimes.stage import Host, Telling, adder, agent, asked_for, crew, model_at, play, task
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step


@pytest.fixture(scope="module", autouse=True)
def _crewai_is_loaded() -> None:
    """Its import takes seconds, which must not be measured."""
    warm_up()


def parallel(*parts: TaskSpec, **more: object) -> CrewSpec:
    return crew(agent("worker"), *parts, process="parallel", **more)


def branches(*names: str, **more: object) -> list[TaskSpec]:
    return [task(name, "worker", **more) for name in names]


def test_branches_are_asked_at_once_and_the_last_task_joins_them() -> None:
    together = threading.Barrier(4, timeout=60)  # nobody is answered before all are asked

    def script(seen: Seen) -> Say:
        if asked_for(seen) != "join":
            together.wait()
        return Say(f"Result {asked_for(seen)}.")

    with FakeLLM(script) as server:
        spec = parallel(*branches("a", "b", "c", "d"), task("join", "worker"))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        prompts = {asked_for(seen): seen.messages[-1]["content"] for seen in server.ledger()}
    assert (result.output, result.stop_reason) == ("Result join.", "completed")
    assert "Result" not in prompts["d"]
    assert "\n\n----------\n\n".join(f"Result {name}." for name in "abcd") in prompts["join"]


@pytest.mark.parametrize("process", ["parallel", "sequential"])
def test_no_more_than_max_parallel_at_a_time(process: str) -> None:
    with FakeLLM(latency=0.1) as server:
        host = Host()
        tasks = branches("a", "b", "c", "d", "e", async_execution=process == "sequential")
        spec = crew(agent("worker"), *tasks, task("join", "worker"), process=process, max_parallel=2)
        play(spec, {}, complete=model_at(server), tools={}, hooks=host)
    running = most = 0
    for event in host.events:
        running += {"task.started": 1, "task.finished": -1}.get(event.kind, 0)
        most = max(most, running)
    assert most == 2


def slow_until(done: threading.Event) -> Callable[[Seen], Say]:
    """The task `slow` is answered when `done` is set, all others at once."""
    return lambda seen: Say(f"Result {asked_for(seen)}.", until=done if asked_for(seen) == "slow" else None)


def test_a_task_starts_when_those_that_it_names_are_done() -> None:
    with FakeLLM(slow_until(next_is_done := threading.Event())) as server:
        host = Telling(next_is_done, "task.finished", "next")
        spec = parallel(*branches("slow", "quick"), task("next", "worker", context=("quick",)), task("join", "worker"))
        play(spec, {}, complete=model_at(server), tools={}, hooks=host)
        asked = [asked_for(seen) for seen in server.ledger()]
    assert (sorted(asked[:2]), asked[2:]) == (["quick", "slow"], ["next", "join"])
    finished = [event.task for event in host.events if event.kind == "task.finished"]
    assert finished == ["quick", "next", "slow", "join"]


def test_the_output_is_the_last_task_s_even_when_another_ends_later() -> None:
    with FakeLLM(slow_until(end_is_done := threading.Event())) as server:
        spec = parallel(*branches("slow", "quick"), task("end", "worker", context=("quick",)))
        host = Telling(end_is_done, "task.finished", "end")
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
    assert [step.task for step in host.steps] == ["quick", "end", "slow"]
    assert result.output == "Result end."


def test_without_a_join_every_output_stands_under_its_name() -> None:
    with FakeLLM(lambda seen: Say(f"Result {asked_for(seen)}.")) as server:
        spec = parallel(*branches("a", "b", context=()))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
    assert result.output == "## a\n\nResult a.\n\n## b\n\nResult b."


def failing(seen: Seen) -> Step:
    return Fault(status=500) if asked_for(seen) == "b" else Say(f"Result {asked_for(seen)}.")


def test_a_branch_that_may_fail_leaves_a_result_that_says_so() -> None:
    with FakeLLM(failing) as server:
        host = Host()
        spec = parallel(*branches("a", "b", "c", on_failure="continue"), task("join", "worker"))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
        joined = server.ledger()[-1].messages[-1]["content"]
    assert (result.output, result.stop_reason, result.failed) == ("Result join.", "partial", ("b",))
    assert sorted(step.task for step in result.steps) == ["a", "c", "join"]
    assert "Result a.\n\n----------\n\n(“b” failed and has no result: The model answered 500.)" in joined
    assert host.kinds(task="b") == ["task.started", "model.started", "model.failed", "task.failed"]


def test_a_branch_that_may_not_fail_ends_the_run() -> None:
    with FakeLLM(failing) as server:
        host = Host()
        with pytest.raises(ProviderOverloaded):
            play(
                parallel(*branches("a", "b"), task("join", "worker")),
                {},
                complete=model_at(server),
                tools={},
                hooks=host,
            )
    assert host.kinds(task="join") == []


def test_when_every_branch_fails_there_is_no_result_to_label() -> None:
    with FakeLLM(lambda _seen: Fault(status=500)) as server:
        spec = parallel(*branches("a", "b", on_failure="continue", context=()))
        with pytest.raises(ProviderOverloaded):
            play(spec, {}, complete=model_at(server), tools={}, hooks=Host())


def test_a_branch_that_waits_for_a_person_lets_the_others_finish_and_goes_on_later() -> None:
    spec = parallel(task("a", "worker", human_input=True), *branches("b"), task("join", "worker"))
    with FakeLLM(lambda seen: Say(f"Result {asked_for(seen)}.", delay=0.1 if asked_for(seen) == "b" else 0)) as server:
        host = Host()
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
        assert (result.stop_reason, [step.task for step in result.steps]) == ("waiting", ["b"])
        assert host.kinds(task="join") == []
        done = {"b": StepOutput("Result b.")}
        later = play(spec, {}, complete=model_at(server), tools={}, hooks=Host(answers=[Answer("approve")]), done=done)
    assert (later.output, later.stop_reason) == ("Result join.", "completed")


def test_a_failure_beside_a_branch_that_waits_ends_the_run_with_the_failure() -> None:
    def script(seen: Seen) -> Step:
        return Fault(status=500, delay=0.3) if asked_for(seen) == "b" else Say("Draft.")

    spec = parallel(task("a", "worker", human_input=True), *branches("b"), task("join", "worker"))
    with FakeLLM(script) as server, pytest.raises(ProviderOverloaded):
        play(spec, {}, complete=model_at(server), tools={}, hooks=Host())


# The router


def choose(name: str, by: str = "", why: str = "Because.") -> str:
    return json.dumps({"next": name, "agent": by, "reason": why})


def adaptive(**more: object) -> CrewSpec:
    tasks = [task("look", "reader"), task("write"), task("extra", "reader")]
    return crew(agent("reader"), agent("writer"), *tasks, process="adaptive", **more)


def routed(decisions: list[str]) -> FakeLLM:
    """Decisions in turn for the router, an answer that names the task for everyone else."""
    left = iter(decisions)

    def script(seen: Seen) -> Say:
        is_router = "You direct a crew" in str(seen.messages[0]["content"])
        return Say(next(left)) if is_router else Say(f"Result {asked_for(seen)}.")

    return FakeLLM(script)


def decided(host: Host) -> list[tuple[object, ...]]:
    data = [event.data for event in host.events if event.kind == "router.decided"]
    return [(each["round"], each["next"], each["agent"], each["fallback"]) for each in data]


def test_the_router_chooses_the_task_the_agent_and_the_end() -> None:
    with routed([choose("look"), choose("write", "writer"), choose("finish", why="It is all there.")]) as server:
        host = Host()
        result = play(adaptive(), {}, complete=model_at(server), tools={}, hooks=host)
        second = server.ledger()[2]
    assert (result.output, result.stop_reason) == ("Result write.", "completed")
    assert [(step.task, step.agent) for step in result.steps] == [("look", "reader"), ("write", "writer")]
    assert decided(host) == [(1, "look", "reader", False), (2, "write", "writer", False), (3, "finish", "", False)]
    assert host.events[-1] == RuntimeEvent(
        "router.decided",
        "router",
        "router",
        {"round": 3, "next": "finish", "agent": "", "reason": "It is all there.", "fallback": False},
    )
    assert "### look\nResult look." in second.messages[1]["content"]
    wire = second.body["response_format"]["json_schema"]["schema"]
    assert wire["properties"]["next"]["enum"] == ["write", "extra", "finish"]


def test_the_router_reads_tasks_with_their_placeholders_filled() -> None:
    topic = InputSpec(name="topic", description="What it is about.")
    spec = crew(
        agent("reader"), task("look", "reader", description="Look at {topic}."), process="adaptive", inputs=(topic,)
    )
    with routed([choose("look")]) as server:
        play(spec, {"topic": "tides"}, complete=model_at(server), tools={}, hooks=Host())
        asked = server.ledger()[0].messages[1]["content"]
    assert "- look (by reader): Look at tides.\n" in asked


def test_an_invalid_choice_is_asked_again_once_with_the_reason() -> None:
    with routed([choose("nowhere"), choose("look"), choose("finish")]) as server:
        host = Host()
        play(adaptive(), {}, complete=model_at(server), tools={}, hooks=host)
        again = server.ledger()[1].messages[-1]["content"]
    assert "'nowhere' is not one of" in again
    assert decided(host) == [(1, "look", "reader", False), (2, "finish", "", False)]


def test_a_router_that_does_not_decide_leaves_it_to_the_declared_order_and_that_is_said() -> None:
    with routed(["look", "{}", choose("write"), choose("write", "nobody"), choose("finish")]) as server:
        host = Host()
        result = play(adaptive(), {}, complete=model_at(server), tools={}, hooks=host)
    assert decided(host) == [(1, "look", "reader", True), (2, "write", "reader", True), (3, "finish", "", False)]
    told = next(event.data["reason"] for event in host.events if event.kind == "router.decided")
    assert (
        told == "Asked again, the router named no task that is open; the order in which the tasks are written decides."
    )
    assert result.output == "Result write."


def test_a_router_whose_model_knows_no_json_leaves_it_to_the_declared_order_too() -> None:
    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        """As the gateway does: what is no JSON after its repairs is a bad reply."""
        if request.response_schema is not None:
            raise BadReply("This is not JSON.", provider="fake")
        return Reply(f"Result {call.task}.", "fake", "fake-1", Usage(1, 1))

    host = Host()
    result = play(adaptive(), {}, complete=complete, tools={}, hooks=host)
    assert [(task, fallback) for _, task, _, fallback in decided(host)][:2] == [("look", True), ("write", True)]
    assert result.output.startswith("Result ")


def test_the_rounds_are_bounded_and_the_result_says_so() -> None:
    with routed([choose("look"), choose("extra")]) as server:
        result = play(adaptive(max_rounds=2), {}, complete=model_at(server), tools={}, hooks=Host())
    assert (result.output, result.stop_reason) == ("Result extra.", "round_limit")


def test_rounds_that_are_just_enough_are_no_limit() -> None:
    with routed([choose("look"), choose("extra"), choose("write", "writer")]) as server:
        result = play(adaptive(max_rounds=3), {}, complete=model_at(server), tools={}, hooks=Host())
    assert (result.output, result.stop_reason) == ("Result write.", "completed")


def test_a_task_is_open_once_what_it_needs_is_there() -> None:
    tasks = [task("a", "one"), task("b", "one", context=("a",)), task("c", "one", condition="outputs.a.text == ''")]
    spec = crew(agent("one"), *tasks, process="adaptive")
    with routed([choose("a"), choose("b")]) as server:
        host = Host()
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
        offered = server.ledger()[0].body["response_format"]["json_schema"]["schema"]["properties"]["next"]["enum"]
    assert offered == ["a"]
    assert (result.output, result.stop_reason, result.skipped) == ("Result b.", "completed", ("c",))


def test_after_a_crash_the_router_finds_what_was_done() -> None:
    with routed([choose("look"), choose("finish")]) as server:
        done = {"look": StepOutput("Old look.")}
        result = play(adaptive(), {}, complete=model_at(server), tools={"add": adder()}, hooks=Host(), done=done)
        assert len(server.ledger()) == 2
    assert result.output == "Old look."


def test_a_router_that_gets_no_answer_fails_the_run() -> None:
    with FakeLLM(lambda _seen: Fault(status=500)) as server, pytest.raises((ProviderOverloaded, CrewFailed)):
        play(adaptive(), {}, complete=model_at(server), tools={}, hooks=Host())
