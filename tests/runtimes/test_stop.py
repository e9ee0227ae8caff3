"""Cancel, deadline and failure end a run at the next boundary, and say what was done."""

import threading
import time

import pytest

from agents.llm.types import ProviderOverloaded
from tests.runtimes.stage import Host, Telling, adder, agent, asked_for, crew, model_at, play, relay, task
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen, Step


def test_a_cancelled_run_keeps_its_finished_steps() -> None:
    with FakeLLM(latency=0.01) as server:
        host = Host(lambda host: "cancelled" if len(host.steps) == 2 else None)
        result = play(relay(5), {}, complete=model_at(server), tools={}, hooks=host)
        assert len(server.ledger()) == 2
    assert (result.stop_reason, result.output) == ("cancelled", "")
    assert [step.task for step in result.steps] == ["t1", "t2"]
    assert result.usage.total_tokens == sum(step.usage.total_tokens for step in result.steps)


def test_cancel_works_in_the_middle_of_a_streamed_answer() -> None:
    with FakeLLM([Say("word " * 500)]) as server:
        host = Host(lambda host: "cancelled" if len(host.events) >= 10 else None)
        result = play(relay(2), {}, complete=model_at(server), tools={}, hooks=host)
        assert len(server.ledger()) == 1
    assert result.stop_reason == "cancelled"
    assert host.kinds() == ["task.started", "model.started", "model.failed", "task.failed"]
    assert len(host.events) < 20


def test_a_deadline_ends_an_agent_that_never_stops() -> None:
    def endless(seen: Seen) -> Say:
        return Say(calls=[Call("add", {"a": seen.number, "b": 1})])

    with FakeLLM(endless) as server:
        host = Host(lambda _host: "timed_out" if len(server.ledger()) >= 5 else None)
        spec = crew(agent("one", tools=("add",), max_iter=100), task("t1", "one"))
        result = play(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=host)
    assert result.stop_reason == "timed_out"
    assert len(server.ledger()) == 5


def test_a_stop_reaches_tasks_that_run_beside_each_other() -> None:
    tasks = [task(f"t{number}", "worker", async_execution=True) for number in range(4)]
    with FakeLLM(latency=0.1) as server:
        host = Host(lambda host: "cancelled" if len(host.events) >= 8 else None)
        spec = crew(agent("worker"), *tasks, task("join", "worker"))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
    assert result.stop_reason == "cancelled"
    assert host.kinds().count("task.failed") == 4
    assert host.kinds(task="join") == []


def test_when_one_of_several_fails_the_others_stop_at_their_next_step() -> None:
    def script(seen: Seen) -> Step:
        if asked_for(seen) == "bad":
            return Fault(status=500, delay=0.05)
        return Say(calls=[Call("add", {"a": seen.number, "b": 1})], until=has_failed, delay=0.2)

    has_failed = threading.Event()
    with FakeLLM(script) as server:
        host = Telling(has_failed, "task.failed", "bad")
        late = task("late", "worker", async_execution=True)
        spec = crew(
            agent("worker", tools=("add",)), task("bad", "worker", async_execution=True), late, task("join", "worker")
        )
        with pytest.raises(ProviderOverloaded):
            play(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=host)
        told = len(host.events)
        time.sleep(0.6)
        assert len(server.ledger()) == 2
    assert len(host.events) == told
    assert host.kinds(task="late") == ["task.started", "model.started", "model.finished", "task.failed"]


def test_a_call_that_fails_because_the_time_is_up_is_a_stop() -> None:
    """The gateway gives up at the run's deadline, which the host notices at the same moment."""
    with FakeLLM(lambda _seen: Fault(status=503)) as server:
        host = Host(lambda host: "timed_out" if "model.failed" in host.kinds() else None)
        result = play(relay(2), {}, complete=model_at(server), tools={}, hooks=host)
    assert (result.stop_reason, result.steps) == ("timed_out", ())
    assert host.kinds() == ["task.started", "model.started", "model.failed", "task.failed"]


class HostBroke(RuntimeError):
    pass


def test_an_error_of_the_host_is_not_swallowed() -> None:
    def broken(host: Host) -> None:
        if host.steps:
            raise HostBroke("no database")

    with FakeLLM() as server, pytest.raises(HostBroke):
        play(relay(3), {}, complete=model_at(server), tools={}, hooks=Host(broken))
