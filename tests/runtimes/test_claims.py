"""A tool that an answer claims and nobody called; and prose that claims nothing."""

import pytest

from agents.runtimes.outcome import RuntimeEvent, StepOutput
from tests.runtimes.stage import Host, adder, agent, crew, model_at, play, task
from tests.servers.llm import Call, FakeLLM, Say

KNOWN = ("search_knowledge", "calculator", "add", "delegate_work_to_coworker")


def claims(text: str, *, used: tuple[str, ...] = ()) -> list[str]:
    from agents.runtimes.engine.claims import unproven

    return unproven(text, used=used, known=KNOWN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thought: look\nAction: search_knowledge\nAction Input: {}\nObservation: found", ["search_knowledge"]),
        ("Action: Web Search\nAction Input: {}", ["web_search"]),
        ('{"name": "calculator", "arguments": {"expression": "1+1"}}', ["calculator"]),
        ('Here:\n```json\n{"tool": "calculator", "tool_input": {}}\n```\nIt is 2.', ["calculator"]),
        ('<tool_call>{"name": "weather", "arguments": {}}</tool_call> It rains.', ["weather"]),
        ("I called search_knowledge and found 18.4 MWh.", ["search_knowledge"]),
        ("I've used the `calculator` to add them.", ["calculator"]),
        ("I ran the calculator tool twice.", ["calculator"]),
        ("I called calculator(1 + 1).", ["calculator"]),
    ],
)
def test_claims_without_a_call(text: str, found: list[str]) -> None:
    assert claims(text) == found
    assert claims(text, used=tuple(found)) == []


@pytest.mark.parametrize(
    "text",
    [
        "The calculator on the desk is broken. I used it to add two numbers.",
        "I used the calculator of my phone.",
        "You can use the search_knowledge tool to look it up.",
        "I could have called search_knowledge, but the answer is known.",
        "I did not call search_knowledge.",
        "If I called search_knowledge, I would know.",
        "Action: Tell the council.\nReason: it is late.",
        'An example of a person: {"name": "Ada", "age": 36}',
        '{"name": "Ada", "input": "text"}',
        '```json\n{"name": "order", "parameters": {"n": 1}}\n```',
        "I added the numbers and called the harbour master.",
        "I ran the add-on department.",
        "",
    ],
)
def test_prose_and_data_are_left_alone(text: str) -> None:
    assert claims(text) == []


def test_a_claim_is_noted_for_the_reader_and_in_the_story() -> None:
    text = "I called add(1, 2). It is 3."
    with FakeLLM([Say(text)]) as server:
        host = Host()
        spec = crew(agent("one", tools=("add",)), task("t1", "one"))
        result = play(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=host)
    note = "The answer says that the tool “add” was used, but it was not called."
    assert result.steps[0].output.notes == (note,)
    assert [event for event in host.events if event.kind == "task.note"] == [
        RuntimeEvent("task.note", "t1", "one", {"code": "claimed_tool", "tool": "add", "text": note})
    ]


def test_a_tool_that_ran_in_this_task_or_an_earlier_one_is_no_claim() -> None:
    said = "I called add(1, 2). It is 3."
    with FakeLLM([Say(calls=[Call("add", {"a": 1, "b": 2})]), Say(said), Say(said)]) as server:
        spec = crew(agent("one", tools=("add",)), agent("two"), task("t1", "one"), task("t2", "two"))
        result = play(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=Host())
    assert [step.output.notes for step in result.steps] == [(), ()]


def test_after_a_crash_nobody_knows_which_tools_ran_so_nobody_is_accused() -> None:
    with FakeLLM(["I called add(1, 2). It is 3."]) as server:
        spec = crew(agent("one", tools=("add",)), task("t1", "one"), task("t2", "one"))
        done = {"t1": StepOutput("3")}
        result = play(spec, {}, complete=model_at(server), tools={"add": adder()}, hooks=Host(), done=done)
    assert result.steps[0].output.notes == ()


def test_an_answer_that_has_to_be_json_claims_nothing() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "name": {}, "arguments": {}}}
    with FakeLLM(['{"n": 1, "name": "add", "arguments": {}}']) as server:
        spec = crew(agent("one"), task("t1", "one", output_schema=schema))
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
    assert result.steps[0].output.notes == ()
