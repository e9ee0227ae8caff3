"""Our agent loop asks the model exactly what CrewAI asks, and comes to the same answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from agents.llm.types import OnText, Reply, Request, ToolCall, ToolSpec, Usage
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import CallId, CrewFailed, CrewResult, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from tests.runtimes.stage import PARTS, Host, adder, agent, crew, task
from tests.runtimes.vendor import kickoff

Script = Sequence[str | tuple[ToolCall, ...]]
TOOLS = {"add": adder()}


def call(number: int, name: str = "add", **arguments: object) -> ToolCall:
    return ToolCall(f"c{number}", name, arguments or {"a": number, "b": 1})


def give(number: int, coworker: str, tool: str = "delegate_work_to_coworker", wish: str = "task") -> ToolCall:
    return call(number, tool, **{wish: "Look it up", "context": "none", "coworker": coworker})


ONE_WITH_TOOL = crew(agent("one", tools=("add",), max_iter=3), task("t1", "one"))
DELEGATING = crew(agent("one", allow_delegation=True), agent("two"), agent("three"), task("t1", "one"))
SCENARIOS: dict[str, tuple[CrewSpec, Script]] = {
    "plain": (crew(agent("one"), agent("two"), task("t1", "one"), task("t2", "two")), ["first", "second"]),
    "one tool": (ONE_WITH_TOOL, [(call(1),), "two"]),
    "several tools": (ONE_WITH_TOOL, [(call(1), call(2)), (call(3),), "done"]),
    "wrong arguments": (ONE_WITH_TOOL, [(call(1, a=1),), "I give up"]),
    "a tool that fails": (ONE_WITH_TOOL, [(call(1, a=13, b=1),), "I give up"]),
    "an unknown tool": (ONE_WITH_TOOL, [(call(1, "nothing", x=1),), "I give up"]),
    "max_iter": (ONE_WITH_TOOL, [(call(1),), (call(2),), (call(3),), "forced"]),
    "max_iter, forced into a format": (ONE_WITH_TOOL, [(call(1),), (call(2),), (call(3),), "Final Answer: forced"]),
    "structured": (crew(agent("one"), task("t1", "one", output_schema=PARTS)), ['{"n": 1}']),
    "markdown and context": (
        crew(agent("one"), task("t1", "one", markdown=True), task("t2", "one", context=("t1",))),
        ["# one", "two"],
    ),
    "no context at all": (crew(agent("one"), task("t1", "one"), task("t2", "one", context=())), ["one", "two"]),
    "ReAct words in a plain answer": (crew(agent("one"), task("t1", "one")), ["Thought: I know\nFinal Answer: 42"]),
    "a tool that nobody has, in words": (
        crew(agent("one"), task("t1", "one")),
        ['Thought: look\nAction: search\nAction Input: {"q": 1}', "42"],
    ),
    "a task with tools of its own": (
        crew(agent("one"), task("t1", "one", tools=("add",)), task("t2", "one")),
        [(call(1),), "two", "three"],
    ),
    "delegation": (DELEGATING, [(give(1, "The two"),), "found", (give(2, "the THREE"),), "also found", "all"]),
    "a question": (DELEGATING, [(give(1, "The two", "ask_question_to_coworker", "question"),), "yes", "all"]),
    "delegation to nobody": (DELEGATING, [(give(1, "The boss"),), "I do it"]),
    "a manager": (
        crew(agent("one"), agent("two", tools=("add",)), task("t1"), task("t2", "two"), process="hierarchical"),
        [(give(1, "The one"),), "found", "first", (give(2, "The two"),), (call(3),), "three", "second"],
    ),
    "a manager of one's own": (
        crew(agent("one"), agent("boss"), task("t1", tools=("add",)), process="hierarchical", manager="boss"),
        [(call(1),), (give(2, "The one"),), "found", "first"],
    ),
    "asynchronous, and a join": (
        crew(agent("one"), task("t0", "one"), task("t1", "one", async_execution=True), task("t2", "one")),
        ["zero", "one", "two"],
    ),
}


@dataclass
class Model:
    script: Script
    asked: list[Request] = field(default_factory=list)

    def respond(self, request: Request) -> Reply:
        answer = self.script[len(self.asked)]
        self.asked.append(request)
        text, calls = (answer, ()) if isinstance(answer, str) else ("", answer)
        return Reply(text, "memory", "m", Usage(1, 1), calls)

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        return self.respond(request)


def play(spec: CrewSpec, script: Script, *, stock: bool) -> tuple[CrewResult, list[Request], Host]:
    model, host = Model(script), Host()
    result = asyncio.run(run_crew(spec, {}, complete=model.complete, tools=TOOLS, hooks=host, stock=stock))
    return result, model.asked, host


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_questions_and_answers_as_crewai(name: str) -> None:
    spec, script = SCENARIOS[name]
    ours, asked, _ = play(spec, script, stock=False)
    theirs = Model(script)
    outputs = kickoff(spec, theirs.respond, TOOLS)
    assert asked == theirs.asked
    assert len(asked) == len(script)
    assert [step.output.text for step in ours.steps] == outputs


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_stock_executor_can_take_over(name: str) -> None:
    ours, asked_by_ours, host = play(*SCENARIOS[name], stock=False)
    stock, asked_by_stock, stock_host = play(*SCENARIOS[name], stock=True)
    assert asked_by_ours == asked_by_stock
    assert [step.output for step in ours.steps] == [step.output for step in stock.steps]
    assert (ours.output, ours.output_json, ours.usage) == (stock.output, stock.output_json, stock.usage)
    assert (ours.stop_reason, ours.limited) == (stock.stop_reason, stock.limited)
    if name not in {"an unknown tool", "a tool that nobody has, in words"}:  # CrewAI does not tell us of those
        assert [event for event in host.events if event.kind != "task.limited"] == [
            event for event in stock_host.events if event.kind != "task.limited"
        ]


@pytest.mark.parametrize("stock", [False, True], ids=["own", "stock"])
@pytest.mark.parametrize(
    ("name", "arguments"), [("add", {"a": 1, "b": 1}), ("add", {"a": 13, "b": 1}), ("add", {"a": 1})]
)
def test_the_third_same_answer_to_the_same_call_ends_the_agent(
    name: str, arguments: dict[str, int], *, stock: bool
) -> None:
    model, host = Model([(ToolCall(f"c{number}", name, arguments),) for number in range(9)]), Host()
    spec = crew(agent("one", tools=("add",)), task("t1", "one"))
    with pytest.raises(CrewFailed) as failure:
        asyncio.run(run_crew(spec, {}, complete=model.complete, tools=TOOLS, hooks=host, stock=stock))
    assert (failure.value.code, failure.value.task, len(model.asked)) == ("repeated_tool", "t1", 3)
    assert failure.value.detail == (
        "Agent 'The one' called 'add' with the same arguments 3 times and got the same result each time. "
        "Stopped because it is not making progress."
    )
    assert [event.kind for event in host.events].count("tool.started") == 3


@pytest.mark.parametrize("stock", [False, True], ids=["own", "stock"])
def test_the_same_call_twice_and_others_between_are_no_loop(*, stock: bool) -> None:
    script: Script = [(call(1),), (call(2),), (call(1),), (call(2),), "done"]
    result, asked, _ = play(crew(agent("one", tools=("add",)), task("t1", "one")), script, stock=stock)
    assert (result.output, len(asked)) == ("done", 5)


@pytest.mark.parametrize("stock", [False, True], ids=["own", "stock"])
def test_an_object_with_names_of_the_model_s_own_reaches_its_tool(*, stock: bool) -> None:
    """CrewAI closes such objects in what it shows to models; what is checked stays the tool's own schema."""
    taken: list[Mapping[str, object]] = []

    async def send(arguments: Mapping[str, object], user: User) -> str:
        taken.append(arguments)
        return "Sent."

    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    spec = ToolSpec("send", "Sends.", {"type": "object", "properties": {"headers": texts, "body": {"type": "string"}}})
    model = Model([(call(1, "send", headers={"Accept": "text/plain"}),), "done"])
    crew_of_one = crew(agent("one", tools=("send",)), task("t1", "one"))
    tools = {"send": ToolImpl(spec, send)}
    asyncio.run(run_crew(crew_of_one, {}, complete=model.complete, tools=tools, hooks=Host(), stock=stock))
    assert taken == [{"headers": {"Accept": "text/plain"}}]
