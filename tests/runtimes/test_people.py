"""A person in the loop: asked for values, for leave to use a tool, and about the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import Answer, Ask, CrewFailed, RuntimeEvent, StepOutput, ToolImpl, User
from agents.runtimes.spec import InputSpec
from tests.runtimes.stage import PARTS, Host, adder, agent, crew, model_at, play, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

REVIEWED = crew(agent("one"), task("t1", "one", human_input=True), task("t2", "one"))


def reviewed(
    *answers: Answer, script: Iterable[str] = ("Draft.", "Second."), **more: Any
) -> tuple[Any, Host, list[Seen]]:
    spec = crew(agent("one"), task("t1", "one", human_input=True, **more))
    host = Host(answers=answers)
    with FakeLLM(script) as server:
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=host)
        return result, host, server.ledger()


def test_an_approved_answer_stands_as_it_is() -> None:
    result, host, asked = reviewed(Answer("approve"))
    assert host.asked == [
        Ask("review", "t1", "one", 1, "Does the answer of “t1” stand?", "Draft.", {"data": None, "notes": []})
    ]
    assert (result.output, result.stop_reason, len(asked)) == ("Draft.", "completed", 1)
    assert host.kinds()[3:6] == ["question.asked", "question.answered", "task.finished"]
    assert host.events[-2].data == {"question": "t1/one/q1", "about": "review", "action": "approve"}


def test_while_nobody_has_answered_the_run_lets_go_and_then_goes_on_where_it_was() -> None:
    with FakeLLM(["Draft.", "Draft.", "Next."]) as server:
        waiting = Host()
        result = play(REVIEWED, {}, complete=model_at(server), tools={}, hooks=waiting)
        assert (result.stop_reason, result.output, result.steps) == ("waiting", "", ())
        assert waiting.kinds()[-2:] == ["question.asked", "task.waiting"]
        later = Host(answers=[Answer("approve")])
        result = play(REVIEWED, {}, complete=model_at(server), tools={}, hooks=later)
        questions = [seen.messages for seen in server.ledger()]
    assert later.asked == waiting.asked
    assert questions[0] == questions[1]
    assert (result.output, result.stop_reason) == ("Next.", "completed")


def test_an_edited_answer_is_what_the_next_task_sees() -> None:
    with FakeLLM(["Draft.", "Next."]) as server:
        host = Host(answers=[Answer("edit", "Edited.")])
        result = play(REVIEWED, {}, complete=model_at(server), tools={}, hooks=host)
        prompt = server.ledger()[1].messages[-1]["content"]
    assert result.steps[0].output == StepOutput("Edited.", edited=True)
    assert "working with:\nEdited." in prompt


def test_feedback_costs_one_more_call_and_shows_the_model_its_draft() -> None:
    result, host, asked = reviewed(Answer("feedback", "Shorter!"), Answer("approve"))
    assert (result.output, len(asked)) == ("Second.", 2)
    draft, words = asked[1].messages[-2:]
    assert draft == {"role": "assistant", "content": "Draft."}
    assert words["content"].startswith("User feedback: Shorter!")
    assert [(ask.number, ask.draft) for ask in host.asked] == [(1, "Draft."), (2, "Second.")]


def test_a_rejected_answer_fails_the_run_in_the_person_s_words() -> None:
    with pytest.raises(CrewFailed) as failure:
        reviewed(Answer("reject", "Not ours."))
    assert (failure.value.code, failure.value.task) == ("rejected", "t1")
    assert failure.value.detail == "A person rejected the answer of “t1”: Not ours."


def test_an_edited_answer_must_fit_the_schema_too() -> None:
    script = ['{"n": 1}']
    result, _, _ = reviewed(Answer("edit", data={"n": 2}), script=script, output_schema=PARTS)
    assert result.steps[0].output == StepOutput('{"n":2}', {"n": 2}, edited=True)
    with pytest.raises(CrewFailed) as failure:
        reviewed(Answer("edit", '{"n": "two"}'), script=script, output_schema=PARTS)
    assert failure.value.code == "edit_misfit"
    with pytest.raises(CrewFailed, match="is empty"):
        reviewed(Answer("edit", " "))


# Values


def asking(*inputs: InputSpec, description: str = "Do t1.") -> Any:
    return crew(
        agent("one"),
        task("t1", "one", description=description, ask_input=inputs),
        inputs=(InputSpec(name="who", default="all"),),
    )


def prompt_after(spec: Any, *answers: Answer) -> tuple[str, Host]:
    host = Host(answers=answers)
    with FakeLLM() as server:
        play(spec, {"who": "{budget}"}, complete=model_at(server), tools={}, hooks=host)
        return str(server.ledger()[0].messages[-1]["content"]), host


def test_values_fill_their_placeholders_once_or_stand_below_the_description() -> None:
    budget, tone = InputSpec(name="budget", description="Budget in euros"), InputSpec(name="tone", default="plain")
    spec = asking(budget, tone, description="Spend {budget} for {who}.")
    prompt, host = prompt_after(spec, Answer("value", data={"budget": "{who} 5"}))
    assert "Spend {who} 5 for {budget}.\n\ntone: plain" in prompt
    assert host.asked[0].kind == "input"
    assert host.asked[0].details == {
        "inputs": [
            {"name": "budget", "description": "Budget in euros", "default": None},
            {"name": "tone", "description": "", "default": "plain"},
        ]
    }
    assert host.kinds()[:3] == ["task.started", "question.asked", "question.answered"]


def test_one_value_may_come_as_text() -> None:
    prompt, _ = prompt_after(asking(InputSpec(name="budget", description="Budget:")), Answer("value", "5 euros"))
    assert "Do t1.\n\nBudget: 5 euros" in prompt


@pytest.mark.parametrize(
    ("answer", "code"), [(Answer("value", data={"x": "y"}), "input_missing"), (Answer("reject"), "rejected")]
)
def test_a_value_that_does_not_come_fails_the_task(answer: Answer, code: str) -> None:
    with pytest.raises(CrewFailed) as failure:
        prompt_after(asking(InputSpec(name="budget")), answer)
    assert failure.value.code == code


# Tools


def using(*answers: Answer, call: Call | None = None) -> tuple[Any, Host, str]:
    spec = crew(agent("one", tools=("add", "note")), task("t1", "one", ask_before_tools=("add",)))
    host, done = Host(answers=answers), []

    async def note(arguments: Mapping[str, Any], user: User) -> str:
        done.append(user.key)
        return "noted"

    tools = {"add": adder(), "note": ToolImpl(ToolSpec("note", "Notes.", {"type": "object"}), note)}
    wish = call or Call("add", {"a": 1, "b": 2})
    with FakeLLM([Say(calls=[wish, Call("note", {})]), Say("Done.")]) as server:
        result = play(spec, {}, complete=model_at(server), tools=tools, hooks=host)
        told = [turn["content"] for turn in server.ledger()[-1].messages if turn["role"] == "tool"]
    return result, host, told[0] if told else ""


def test_a_tool_runs_only_after_a_person_said_yes() -> None:
    result, host, told = using(Answer("approve"))
    assert host.asked == [
        Ask(
            "approval",
            "t1",
            "one",
            1,
            "“one” wants to use the tool “add”.",
            details={"tool": "add", "arguments": {"a": 1, "b": 2}},
        )
    ]
    assert (told, result.stop_reason) == ("3", "completed")
    tools = [event.kind for event in host.events if event.kind.startswith(("tool", "question"))]
    assert tools == ["question.asked", "question.answered", *["tool.started", "tool.finished"] * 2]


def test_a_tool_that_models_know_by_another_name_is_asked_for_too() -> None:
    """As those of servers are: mcp:harbour/add is mcp_harbour_add to a model."""
    theirs = adder()
    theirs = replace(theirs, spec=replace(theirs.spec, name="mcp_harbour_add"))
    names = ("mcp:harbour/add",)
    spec = crew(agent("one", tools=names), task("t1", "one", ask_before_tools=names))
    host = Host()
    with FakeLLM([Say(calls=[Call("mcp_harbour_add", {"a": 1, "b": 2})])]) as server:
        result = play(spec, {}, complete=model_at(server), tools={names[0]: theirs}, hooks=host)
    assert (result.stop_reason, [asked.details["tool"] for asked in host.asked]) == ("waiting", ["mcp_harbour_add"])
    assert [event for event in host.events if event.kind.startswith("tool")] == []


def test_while_nobody_said_yes_the_tool_does_not_run() -> None:
    result, host, _ = using()
    assert result.stop_reason == "waiting"
    assert [event for event in host.events if event.kind.startswith("tool")] == []


def test_a_person_may_change_the_arguments() -> None:
    _, host, told = using(Answer("edit", data={"a": 40, "b": 2}))
    assert told == "42"
    started = next(event.data for event in host.events if event.kind == "tool.started")
    assert started["arguments"] == {"a": 40, "b": 2}


@pytest.mark.parametrize("action", ["reject", "feedback"])
def test_a_refused_use_is_told_to_the_model_and_to_the_reader(action: Any) -> None:
    result, host, told = using(Answer(action, "Too dear."))
    assert told == "A person refused this use of the tool add. Too dear."
    refused = next(event for event in host.events if event.kind == "tool.refused")
    data = {"call": "t1", "tool": "add", "arguments": {"a": 1, "b": 2}, "reason": "Too dear."}
    assert refused == RuntimeEvent("tool.refused", "t1", "one", data)
    assert (result.output, result.stop_reason) == ("Done.", "tool_refused")
    assert (result.steps[0].output.refused, result.steps[0].tool_calls) == (("add",), 1)


def test_nobody_is_asked_about_a_call_that_cannot_work() -> None:
    result, host, told = using(call=Call("add", {"a": 1}))
    assert host.asked == []
    assert "'b' is a required property" in told
    assert (result.stop_reason, result.steps[0].tool_failures) == ("completed", 1)
