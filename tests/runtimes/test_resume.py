"""A run goes on from what is done: only tasks without output run, and earlier outputs feed them."""

from agents.runtimes.outcome import StepOutput
from tests.runtimes.stage import PARTS, Host, agent, asked_for, crew, model_at, play, relay, task
from tests.servers.llm import FakeLLM, Say


def test_only_the_missing_tasks_run() -> None:
    with FakeLLM(lambda seen: Say(f"New {asked_for(seen)}.")) as server:
        host = Host()
        done = {"t1": StepOutput("Old t1."), "t2": StepOutput("Old t2.")}
        result = play(relay(3), {}, complete=model_at(server), tools={}, hooks=host, done=done)
        asked = [asked_for(seen) for seen in server.ledger()]
        prompt = server.ledger()[0].messages[-1]["content"]
    assert asked == ["t3"]
    assert "Old t1.\n\n----------\n\nOld t2." in prompt
    assert result.output == "New t3."
    assert [step.task for step in result.steps] == ["t3"]
    assert {event.task for event in host.events} == {"t3"}


def test_of_a_parallel_group_only_the_unfinished_member_runs() -> None:
    members = [task(name, "worker", async_execution=True) for name in ("a", "b", "c")]
    spec = crew(agent("worker"), *members, task("join", "worker", context=("a", "b", "c")))
    with FakeLLM(lambda seen: Say(f"New {asked_for(seen)}.")) as server:
        done = {"a": StepOutput("Old a."), "c": StepOutput("Old c.")}
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host(), done=done)
        asked = [asked_for(seen) for seen in server.ledger()]
        prompt = server.ledger()[1].messages[-1]["content"]
    assert asked == ["b", "join"]
    assert "Old a.\n\n----------\n\nNew b.\n\n----------\n\nOld c." in prompt
    assert result.output == "New join."


def test_a_run_that_was_complete_answers_without_a_call() -> None:
    with FakeLLM() as server:
        spec = crew(agent("one"), task("t1", "one", output_schema=PARTS))
        done = {"t1": StepOutput('{"n":1}', {"n": 1}, limited=True)}
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host(), done=done)
        assert server.ledger() == []
    assert (result.output, result.output_json, result.steps) == ('{"n":1}', {"n": 1}, ())
    assert (result.stop_reason, result.limited) == ("iteration_limit", ("t1",))


def test_stopping_and_resuming_at_every_step_gives_the_same_calls_as_one_run() -> None:
    with FakeLLM(lambda seen: Say(f"Result {asked_for(seen)}.")) as server:
        play(relay(4), {}, complete=model_at(server), tools={}, hooks=Host())
        whole = [seen.messages for seen in server.ledger()]
        server.reset()
        server.set_script(lambda seen: Say(f"Result {asked_for(seen)}."))
        done: dict[str, StepOutput] = {}
        for _ in range(4):
            host = Host(lambda host: "cancelled" if host.steps else None)
            play(relay(4), {}, complete=model_at(server), tools={}, hooks=host, done=done)
            done |= {step.task: step.output for step in host.steps}
        assert [seen.messages for seen in server.ledger()] == whole
    assert done["t4"] == StepOutput("Result t4.")
