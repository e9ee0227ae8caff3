"""Every call, tool and question has the same key and the same content in every attempt: a record answers for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.llm.types import OnText, Reply, Request, ToolCall, Usage
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import Answer, Ask, CallId, CrewResult, Suspended, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from tests.runtimes.stage import Host, adder, agent, crew, task
from tests.runtimes.test_strategies import choose


@dataclass
class Record:
    """Answers by key. What is not in it is asked of `answer`, after a moment, and counted."""

    answer: Any
    calls: dict[str, tuple[Request, Reply]] = field(default_factory=dict)
    tools: dict[str, str] = field(default_factory=dict)
    said: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        if call.key not in self.calls:
            self.asked.append(call.key)
            await asyncio.sleep(0.01)
            self.calls[call.key] = request, self.answer(request, call)
        then, reply = self.calls[call.key]
        assert then == request, call.key
        return reply

    def tool(self, impl: ToolImpl) -> ToolImpl:
        async def run(arguments: Mapping[str, Any], user: User) -> str:
            if user.key not in self.tools:
                self.asked.append(user.key)
                self.tools[user.key] = await impl.run(arguments, user)
            return self.tools[user.key]

        return ToolImpl(impl.spec, run)


class Person(Host):
    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record

    async def ask(self, question: Ask) -> Answer:
        self.asked.append(question)
        if question.key not in self.record.said:
            raise Suspended
        return self.record.said[question.key]


def attempt(spec: CrewSpec, record: Record) -> tuple[CrewResult, Person]:
    person = Person(record)
    tools = {"add": record.tool(adder())}
    return asyncio.run(run_crew(spec, {}, complete=record.complete, tools=tools, hooks=person)), person


def talk(request: Request, call: CallId) -> Reply:
    """Each agent with tools uses them first; the manager gives work to “The two”; the judge is content the second time."""
    text, calls = f"{call.key} of {len(request.messages)}", tuple[ToolCall, ...]()
    names = [tool.name for tool in request.tools]
    if request.response_schema:
        text = f'{{"valid": {"true" if call.number > 2 else "false"}, "feedback": "Again."}}'
        if "next" in request.response_schema["properties"]:
            options = request.response_schema["properties"]["next"]["enum"]
            text = choose(options[0], by="one")
    elif request.messages[-1].role != "tool" and names:
        wish = {"task": "Work", "context": "none", "coworker": "The two"}
        calls = (ToolCall("c1", names[0], {"a": call.number, "b": 1} if names[0] == "add" else wish),)
    return Reply("" if calls else text, "memory", "m", Usage(3, 2), calls)


WORKERS = (agent("one", tools=("add",)), agent("two", tools=("add",)))
CREWS: dict[str, CrewSpec] = {
    "sequential": crew(*WORKERS, task("t1", "one", guardrail="Be good."), task("t2", "two")),
    "beside each other": crew(
        *WORKERS, *(task(f"t{n}", "one", async_execution=True) for n in range(5)), task("join", "two")
    ),
    "hierarchical": crew(*WORKERS, task("t1"), task("t2", "two"), process="hierarchical"),
    "parallel": crew(*WORKERS, *(task(f"t{n}", "two") for n in range(5)), task("join", "one"), process="parallel"),
    "adaptive": crew(*WORKERS, *(task(f"t{n}") for n in range(3)), process="adaptive"),
}


@pytest.mark.parametrize("name", CREWS)
def test_a_second_attempt_asks_nobody_anything(name: str) -> None:
    record = Record(talk)
    first, told = attempt(CREWS[name], record)
    assert len(record.asked) == len(set(record.asked))
    record.asked.clear()
    second, told_again = attempt(CREWS[name], record)
    assert record.asked == []
    assert (second.output, second.usage, second.stop_reason) == (first.output, first.usage, first.stop_reason)
    assert {step.task: step.output for step in second.steps} == {step.task: step.output for step in first.steps}
    for part in CREWS[name].tasks:
        assert told_again.kinds(task=part.name) == told.kinds(task=part.name)


def test_a_run_that_waits_twice_pays_for_every_call_once() -> None:
    spec = crew(*WORKERS, task("t1", "one", human_input=True, ask_before_tools=("add",)), task("t2", "two"))
    record = Record(talk)
    for key in ("t1/one/q1", "t1/one/q2"):
        waiting, person = attempt(spec, record)
        assert (waiting.stop_reason, person.asked[-1].key) == ("waiting", key)
        record.said[key] = Answer("approve")
    result, _ = attempt(spec, record)
    assert result.stop_reason == "completed"
    assert record.asked == ["t1/one/m1", "t1/one/t1", "t1/one/m2", "t2/two/m1", "t2/two/t1", "t2/two/m2"]
