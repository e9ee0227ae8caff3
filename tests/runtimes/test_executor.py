"""Our agent loop asks the model exactly what CrewAI's own loop asks, and comes to the same answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.llm.types import OnText, Reply, Request, ToolCall, Usage
from agents.runtimes.outcome import CrewResult
from agents.runtimes.spec import CrewSpec
from tests.runtimes.stage import PARTS, Host, adder, agent, crew, task

Script = Sequence[str | tuple[ToolCall, ...]]


def call(number: int, name: str = "add", **arguments: object) -> ToolCall:
    return ToolCall(f"c{number}", name, arguments or {"a": number, "b": 1})


ONE_WITH_TOOL = crew(agent("one", tools=("add",), max_iter=3), task("t1", "one"))
SCENARIOS: dict[str, tuple[CrewSpec, Script]] = {
    "plain": (crew(agent("one"), agent("two"), task("t1", "one"), task("t2", "two")), ["first", "second"]),
    "one tool": (ONE_WITH_TOOL, [(call(1),), "two"]),
    "several tools": (ONE_WITH_TOOL, [(call(1), call(2)), (call(3),), "done"]),
    "wrong arguments": (ONE_WITH_TOOL, [(call(1, a=1),), "I give up"]),
    "a tool that fails": (ONE_WITH_TOOL, [(call(1, a=13, b=1),), "I give up"]),
    "an unknown tool": (ONE_WITH_TOOL, [(call(1, "nothing", x=1),), "I give up"]),
    "max_iter": (ONE_WITH_TOOL, [(call(1),), (call(2),), (call(3),), "forced"]),
    "structured": (crew(agent("one"), task("t1", "one", output_schema=PARTS)), ['{"n": 1}']),
    "markdown and context": (
        crew(agent("one"), task("t1", "one", markdown=True), task("t2", "one", context=("t1",))),
        ["# one", "two"],
    ),
    "ReAct words in a plain answer": (crew(agent("one"), task("t1", "one")), ["Thought: I know\nFinal Answer: 42"]),
}


def play(spec: CrewSpec, script: Script, *, stock: bool) -> tuple[CrewResult, list[Request]]:
    from agents.runtimes.engine.executor import PlainExecutor
    from agents.runtimes.engine.run import execute
    from agents.runtimes.engine.session import Session

    answers, asked = iter(script), list[Request]()

    def complete(request: Request, *, on_text: OnText | None = None) -> Reply:
        asked.append(request)
        answer = next(answers)
        text, calls = (answer, ()) if isinstance(answer, str) else ("", answer)
        return Reply(text, "memory", "m", Usage(1, 1), calls)

    executor = PlainExecutor.__bases__[0] if stock else PlainExecutor
    result = execute(spec, Session(complete, Host()), tools={"add": adder()}, done={}, executor=executor)
    return result, asked


@pytest.mark.parametrize("name", SCENARIOS)
def test_same_questions_same_answers(name: str) -> None:
    ours, asked_by_ours = play(*SCENARIOS[name], stock=False)
    stock, asked_by_stock = play(*SCENARIOS[name], stock=True)
    assert asked_by_ours == asked_by_stock
    assert [step.output.text for step in ours.steps] == [step.output.text for step in stock.steps]
    assert (ours.output, ours.output_json, ours.usage) == (stock.output, stock.output_json, stock.usage)
