import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from agents.llm.types import ProviderOverloaded, ToolSpec, Usage
from agents.runtimes.crew import SpecRefused
from agents.runtimes.outcome import CrewFailed, RuntimeEvent, StepOutput, ToolImpl, User
from agents.runtimes.spec import InputSpec
from tests.runtimes.stage import PARTS, Host, adder, agent, asked_for, crew, model_at, play, relay, task
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen

TOOLS = {"add": adder()}


def test_each_task_sees_what_came_before() -> None:
    with FakeLLM(lambda seen: Say(f"Result of {asked_for(seen)}.")) as server:
        host = Host()
        result = play(relay(3), {}, complete=model_at(server), tools={}, hooks=host)
        prompts = [seen.messages[-1]["content"] for seen in server.ledger()]
    assert result.output == "Result of t3."
    assert result.stop_reason == "completed"
    assert [step.output for step in result.steps] == [StepOutput(f"Result of t{number}.") for number in (1, 2, 3)]
    assert "Result of t1." not in prompts[0]
    assert "Result of t1.\n\n----------\n\nResult of t2." in prompts[2]


def test_events_come_in_order_and_carry_chosen_fields_only() -> None:
    with FakeLLM([Say("one two", usage=(7, 2))]) as server:
        host = Host()
        play(relay(1), {}, complete=model_at(server), tools={}, hooks=host)
    finished = {"call": "m1", "provider": "openai", "model": "fake-1", "prompt_tokens": 7, "completion_tokens": 2}
    assert host.events == [
        RuntimeEvent("task.started", "t1", "worker"),
        RuntimeEvent("model.started", "t1", "worker", {"call": "m1", "model": ""}),
        RuntimeEvent("model.text", "t1", "worker", {"call": "m1", "text": "one "}),
        RuntimeEvent("model.text", "t1", "worker", {"call": "m1", "text": "two"}),
        RuntimeEvent("model.finished", "t1", "worker", finished | {"cost": "0", "finish_reason": "stop"}),
        RuntimeEvent("task.finished", "t1", "worker", {"limited": False}),
    ]


def test_usage_is_the_sum_of_what_the_provider_counted() -> None:
    script = [
        Say(calls=[Call("add", {"a": 1, "b": 2})], usage=(100, 10)),
        Say("3", usage=(120, 3)),
        Say("ok", usage=(50, 1)),
    ]
    spec = crew(agent("one", tools=("add",)), agent("two"), task("t1", "one"), task("t2", "two"))
    with FakeLLM(script) as server:
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=Host())
    assert [(step.usage, step.model_calls) for step in result.steps] == [(Usage(220, 13), 2), (Usage(50, 1), 1)]
    assert result.usage == Usage(270, 14)
    assert result.cost == Decimal(0)


def test_a_tool_is_called_and_its_answer_goes_back_to_the_model() -> None:
    with FakeLLM([Say(calls=[Call("add", {"a": 20, "b": 22})]), Say("It is 42.")]) as server:
        host = Host()
        spec = crew(agent("one", tools=("add",)), task("t1", "one"))
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=host)
        first, second = server.ledger()
    assert result.output == "It is 42."
    assert first.body["tools"][0]["function"]["parameters"]["required"] == ["a", "b"]
    assert second.messages[-1]["role"] == "tool"
    assert second.messages[-1]["content"] == "42"
    tools = [(event.kind, event.data) for event in host.events if event.kind.startswith("tool")]
    assert tools == [
        ("tool.started", {"call": "t1", "tool": "add", "arguments": {"a": 20, "b": 22}}),
        ("tool.finished", {"call": "t1", "tool": "add", "output": "42"}),
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("add", {"a": 13, "b": 1}), "13 is not lucky."),
        (Call("add", {"a": 1}), "'b' is a required property"),
        (Call("add", {"a": "x", "b": 1}), "'x' is not of type 'integer'"),
        (Call("subtract", {"a": 1, "b": 1}), "Tool not found"),
    ],
)
def test_a_tool_that_fails_is_told_and_the_run_goes_on(call: Call, said: str) -> None:
    with FakeLLM([Say(calls=[call]), Say("I could not.")]) as server:
        host = Host()
        spec = crew(agent("one", tools=("add",)), task("t1", "one"))
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=host)
        told = server.ledger()[1].messages[-1]["content"]
    failed = [event.data["error"] for event in host.events if event.kind == "tool.failed"]
    assert result.output == "I could not."
    assert (result.steps[0].tool_calls, result.steps[0].tool_failures) == (1, 1)
    assert len(failed) == 1
    assert said in failed[0]
    assert said in told


def test_several_tools_of_one_reply_run_in_their_order_in_the_task_s_own_thread() -> None:
    threads = []

    async def note(arguments: Mapping[str, Any], user: User) -> str:
        threads.append(threading.get_ident())
        return f"{user.agent} on {user.task}: {arguments['n']}"

    tool = ToolImpl(ToolSpec("note", "Notes.", {"type": "object", "properties": {"n": {"type": "integer"}}}), note)
    with FakeLLM([Say(calls=[Call("note", {"n": number}) for number in range(5)]), Say("done")]) as server:
        host = Host()
        spec = crew(agent("one", tools=("note",)), task("t1", "one"))
        play(spec, {}, complete=model_at(server), tools={"note": tool}, hooks=host)
        answers = [message["content"] for message in server.ledger()[1].messages if message["role"] == "tool"]
    assert answers == [f"one on t1: {number}" for number in range(5)]
    assert set(threads) == {threading.get_ident()}
    assert [event.data["call"] for event in host.events if event.kind == "tool.finished"] == [
        "t1",
        "t2",
        "t3",
        "t4",
        "t5",
    ]


def test_a_bug_in_a_tool_ends_the_run_and_is_not_handed_to_the_model() -> None:
    async def broken(arguments: Mapping[str, Any], user: User) -> str:
        return str(1 / 0)

    tool = ToolImpl(ToolSpec("broken", "Breaks.", {"type": "object"}), broken)
    with FakeLLM([Say(calls=[Call("broken", {})]), Say("done")]) as server:
        spec = crew(agent("one", tools=("broken",)), task("t1", "one"))
        with pytest.raises(ZeroDivisionError):
            play(spec, {}, complete=model_at(server), tools={"broken": tool}, hooks=Host())
        assert len(server.ledger()) == 1


def test_reaching_max_iter_is_not_called_success() -> None:
    def endless(seen: Seen) -> Say:
        return Say(calls=[Call("add", {"a": seen.number, "b": 1})]) if seen.tools else Say("Forced.")

    with FakeLLM(endless) as server:
        host = Host()
        spec = crew(agent("one", tools=("add",), max_iter=3), agent("two"), task("t1", "one"), task("t2", "two"))
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=host)
    assert (result.output, result.stop_reason, result.limited) == ("Forced.", "iteration_limit", ("t1",))
    assert result.steps[0].output == StepOutput("Forced.", limited=True)
    assert result.steps[0].model_calls == 4
    limits = [event for event in host.events if event.kind == "task.limited"]
    assert limits == [RuntimeEvent("task.limited", "t1", "one", {"max_iter": 3})]


def test_an_output_schema_is_asked_for_and_kept_as_json() -> None:
    with FakeLLM([Say('{"n": 5}')]) as server:
        spec = crew(agent("one"), task("t1", "one", output_schema=PARTS))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        wire = server.ledger()[0].body["response_format"]
    assert result.output_json == {"n": 5}
    assert result.steps[0].output == StepOutput('{"n":5}', {"n": 5})
    assert wire["json_schema"]["schema"]["properties"] == {"n": {"type": "integer"}}


def test_an_answer_that_does_not_fit_is_sent_back_once_with_the_reason() -> None:
    with FakeLLM([Say('{"n": "many"}'), Say('{"n": 9}')]) as server:
        spec = crew(agent("one"), task("t1", "one", output_schema=PARTS))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        repair = server.ledger()[1].messages[-2:]
    assert result.output_json == {"n": 9}
    assert repair[0] == {"role": "assistant", "content": '{"n": "many"}'}
    assert "'many' is not of type 'integer'" in repair[1]["content"]


def test_an_answer_that_never_fits_fails_in_words() -> None:
    with FakeLLM([Say('{"n": "many"}'), Say("{}"), Say('{"n": 9}')]) as server:
        spec = crew(agent("one"), task("t1", "one", output_schema=PARTS))
        with pytest.raises(CrewFailed) as failure:
            play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        assert len(server.ledger()) == 2
    assert failure.value.code == "output_schema"
    assert "'n' is a required property" in failure.value.detail


def test_an_empty_answer_is_a_failure_and_not_an_output() -> None:
    with FakeLLM([Say("  ")]) as server:
        with pytest.raises(CrewFailed) as failure:
            play(relay(2), {}, complete=model_at(server), tools={}, hooks=Host())
        assert len(server.ledger()) == 1
    assert (failure.value.code, failure.value.task) == ("empty_answer", "t1")
    assert failure.value.detail == "fake-1 answered “t1” with nothing."


@pytest.mark.parametrize("text", ['{"n": 7}', '```json\n{"n": 7}\n```'])
def test_json_from_an_agent_with_tools_needs_no_second_call(text: str) -> None:
    with FakeLLM([Say(text)]) as server:
        spec = crew(agent("one", tools=("add",)), task("t1", "one", output_schema=PARTS))
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=Host())
        assert len(server.ledger()) == 1
    assert result.output_json == {"n": 7}


def test_free_text_from_an_agent_with_tools_is_put_into_the_schema() -> None:
    with FakeLLM([Say("I count eight."), Say('{"n": 8}')]) as server:
        spec = crew(agent("one", tools=("add",)), task("t1", "one", output_schema=PARTS))
        result = play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=Host())
    assert result.output_json == {"n": 8}
    assert result.steps[0].model_calls == 2


def test_a_guardrail_sends_work_back_with_its_reason() -> None:
    def script(seen: Seen) -> Say:
        last = seen.messages[-1]["content"]
        if "Rule:\nBe polite." in last:
            return Say(f'{{"valid": {str("please" in last).lower()}, "feedback": "Say please."}}')
        return Say("Now, please." if "Say please." in last else "Now!")

    with FakeLLM(script) as server:
        host = Host()
        spec = crew(agent("one"), task("t1", "one", guardrail="Be polite."))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
    assert result.output == "Now, please."
    assert [kind for kind in host.kinds() if kind.startswith("guardrail")] == ["guardrail.failed", "guardrail.passed"]
    assert result.steps[0].model_calls == 4


def test_a_guardrail_that_is_never_met_fails_the_run() -> None:
    def judge(seen: Seen) -> Say:
        return Say('{"valid": false, "feedback": "No."}' if "Rule:" in seen.messages[-1]["content"] else "x")

    with FakeLLM(judge) as server:
        spec = crew(agent("one"), task("t1", "one", guardrail="Never.", guardrail_max_retries=1))
        with pytest.raises(CrewFailed) as failure:
            play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        assert len(server.ledger()) == 4
    assert failure.value.detail == "“t1” did not pass its guardrail in 2 attempts: No."


def test_a_provider_that_fails_is_asked_once_and_told_as_it_is() -> None:
    with FakeLLM(lambda _seen: Fault(status=503)) as server:
        host = Host()
        with pytest.raises(ProviderOverloaded):
            play(relay(2), {}, complete=model_at(server), tools={}, hooks=host)
        assert len(server.ledger()) == 1
    assert host.kinds() == ["task.started", "model.started", "model.failed", "task.failed"]


def test_inputs_fill_the_texts_once() -> None:
    spec = crew(
        agent("one", role="Expert in {topic}"),
        task("t1", "one", description='Do {topic} as {"a": 1} for {who}.'),
        inputs=(InputSpec(name="topic"), InputSpec(name="who", default="all")),
    )
    with FakeLLM() as server:
        play(spec, {"topic": "{who} or {secret}"}, complete=model_at(server), tools={}, hooks=Host())
        system, user = (message["content"] for message in server.ledger()[0].messages)
    assert "You are Expert in {who} or {secret}." in system
    assert 'Do {who} or {secret} as {"a": 1} for all.' in user


def test_nothing_runs_while_an_input_is_missing() -> None:
    spec = crew(agent("one"), task("t1", "one", description="Do {topic}."), inputs=(InputSpec(name="topic"),))
    with FakeLLM() as server:
        with pytest.raises(SpecRefused) as refusal:
            play(spec, {"topics": "x"}, complete=model_at(server), tools={}, hooks=Host())
        assert server.ledger() == []
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == [
        ("inputs.topic", "missing"),
        ("inputs.topics", "unknown"),
    ]


def test_a_manager_gives_the_work_to_a_coworker() -> None:
    def script(seen: Seen) -> Say:
        if "delegate_work_to_coworker" not in seen.tools:
            return Say("The worker's answer.")
        if seen.messages[-1]["role"] == "tool":
            return Say(f"Managed: {seen.messages[-1]['content']}")
        wish = {"task": "Work", "context": "none", "coworker": "The worker"}
        return Say(calls=[Call("delegate_work_to_coworker", wish)])

    with FakeLLM(script) as server:
        host = Host()
        spec = crew(agent("worker"), task("t1"), process="hierarchical")
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
    assert result.output == "Managed: The worker's answer."
    assert [event.agent for event in host.events if event.kind == "model.started"] == ["manager", "worker", "manager"]
    assert result.steps[0].model_calls == 3
