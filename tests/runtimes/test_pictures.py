"""Pictures in a crew: who is shown them, and that both executors ask the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from agents.llm.types import Image, Message, OnText, Reply, Request, ToolCall, Usage
from agents.runtimes.crew import run_crew
from agents.runtimes.desk import Desk, Made, Work
from agents.runtimes.outcome import Answer, CallId
from agents.runtimes.spec import CrewSpec
from tests.runtimes.stage import PARTS, Host, adder, agent, crew, task

PICTURES = (Image("image/png", b"one"), Image("image/gif", b"two"))
Script = Sequence[str | tuple[ToolCall, ...]]
ADD = ToolCall("c1", "add", {"a": 1, "b": 1})
GIVE = ToolCall("c2", "delegate_work_to_coworker", {"task": "Look", "context": "none", "coworker": "The two"})
VALID = '{"valid": true, "feedback": ""}'
SCENARIOS: dict[str, tuple[CrewSpec, Script, list[bool]]] = {
    "the first task alone": (
        crew(agent("one"), task("t1", "one"), task("t2", "one")),
        ["first", "second"],
        [True, False],
    ),
    "each round of a task with tools": (
        crew(agent("one", tools=("add",)), task("t1", "one"), task("t2", "one")),
        [(ADD,), "two", "three"],
        [True, True, False],
    ),
    "whoever is given the work": (
        crew(agent("one", allow_delegation=True), agent("two"), task("t1", "one")),
        [(GIVE,), "found", "all"],
        [True, True, True],
    ),
    "the manager and its worker": (
        crew(agent("two"), task("t1"), process="hierarchical"),
        [(GIVE,), "found", "all"],
        [True, True, True],
    ),
    "who judges, and who puts it into a form": (
        crew(agent("one"), task("t1", "one", guardrail="It names a colour.", output_schema=PARTS)),
        ['{"n": 1}', VALID],
        [True, True],
    ),
    "after a person's words": (
        crew(agent("one", tools=("add",)), task("t1", "one", human_input=True)),
        ["draft", "better"],
        [True, True],
    ),
}


@dataclass
class Model:
    script: Script
    asked: list[Request] = field(default_factory=list)

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        answer = self.script[len(self.asked)]
        self.asked.append(request)
        text, calls = (answer, ()) if isinstance(answer, str) else ("", answer)
        return Reply(text, "memory", "m", Usage(1, 1), calls)


def play(name: str, *, stock: bool) -> list[Request]:
    spec, script, _ = SCENARIOS[name]
    model, host = Model(script), Host(answers=[Answer("feedback", "Say more."), Answer("approve")])
    tools = {"add": adder()}
    asyncio.run(run_crew(spec, {}, complete=model.complete, tools=tools, hooks=host, stock=stock, pictures=PICTURES))
    return model.asked


def shown(request: Request) -> bool:
    """All of them, at the first user message and nowhere else."""
    with_pictures = [message for message in request.messages if message.images]
    if not with_pictures:
        return False
    [only] = with_pictures
    assert only is next(message for message in request.messages if message.role == "user")
    assert only.images == PICTURES
    return True


@pytest.mark.parametrize("name", SCENARIOS)
def test_who_is_shown_them_by_either_executor(name: str) -> None:
    ours, stock = play(name, stock=False), play(name, stock=True)
    assert [shown(request) for request in ours] == SCENARIOS[name][2]
    assert ours == stock


def test_an_agent_that_is_a_class_sees_them_with_whatever_it_asks() -> None:
    async def looks(work: Work, desk: Desk) -> Made:
        reply = await desk.ask([Message("system", "You look."), Message("user", work.task)])
        return Made(reply.text)

    spec, model = crew(agent("one", library="looker"), task("t1", "one")), Model(["seen"])
    asyncio.run(
        run_crew(
            spec, {}, complete=model.complete, tools={}, hooks=Host(), executors={"looker": looks}, pictures=PICTURES
        )
    )
    assert [shown(request) for request in model.asked] == [True]
