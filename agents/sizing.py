"""How large a crew's work is, from its definition alone: calls and tokens of each task, at the least, likely and at the most."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agents.llm.tokens import count
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from agents.tools.registry import Tool

FRAME = 150  # tokens of what the runtime says around a task
SHORT, USUAL, LONG = 80, 400, 2_000  # tokens of an answer
TOOL_ANSWER = 600  # tokens that a tool's answer adds to the next prompt
LIKELY_TOOL_USES = 2


class Range(NamedTuple):
    """At the least, likely, at the most."""

    low: float
    likely: float
    high: float

    def plus(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


class Size(NamedTuple):
    """Of one task: its calls, the tokens that go in over all of them, and those that come out; and the model it names."""

    model: str
    calls: Range
    prompt: Range
    completion: Range


def sizes_of(spec: CrewSpec, tools: Mapping[str, Tool]) -> Iterator[Size]:
    """One for each task, and one for whoever manages or routes."""
    for position, task in enumerate(spec.tasks):
        yield _size(spec, task, position, tools)
    if spec.process in {"hierarchical", "adaptive"}:
        yield _of_manager(spec)


def _size(spec: CrewSpec, task: TaskSpec, position: int, tools: Mapping[str, Tool]) -> Size:
    agent = _doer(spec, task)
    used = [name for name in (*task.tools, *(agent.tools if agent else ())) if name in tools]
    calls = _calls(agent, task, has_tools=bool(used))
    first = FRAME + _texts(agent, task) + sum(_tool(tools[name]) for name in used)
    earlier = position if task.context is None else len(task.context)
    answer = float(task.max_tokens or (agent.max_tokens if agent else 0) or LONG)
    return Size(
        model=task.llm or (agent.llm if agent else ""),
        calls=calls,
        prompt=Range(
            calls.low * (first + earlier * SHORT),
            _over(calls.likely, first + earlier * USUAL),
            _over(calls.high, first + earlier * answer),
        ),
        completion=Range(calls.low * min(SHORT, answer), calls.likely * min(USUAL, answer), calls.high * answer),
    )


def _doer(spec: CrewSpec, task: TaskSpec) -> AgentSpec | None:
    return next((agent for agent in spec.agents if agent.name == task.agent), None)


def _calls(agent: AgentSpec | None, task: TaskSpec, *, has_tools: bool) -> Range:
    """One answer; with tools some rounds before it, at most max_iter; with a guardrail a check of each try, and further tries."""
    rounds = Range(1, 1 + LIKELY_TOOL_USES, max(agent.max_iter if agent else 1, 1)) if has_tools else Range(1, 1, 1)
    if not task.guardrail:
        return rounds
    tries = 1 + task.guardrail_max_retries
    return Range(rounds.low + 1, rounds.likely + 1, (rounds.high + 1) * tries)


def _over(calls: float, first: float) -> float:
    """Tokens of all prompts of a task whose every round adds a tool's answer."""
    return calls * first + TOOL_ANSWER * calls * (calls - 1) / 2


def _of_manager(spec: CrewSpec) -> Size:
    tasks = len(spec.tasks)
    told = FRAME + sum(count(agent.role) + count(agent.goal) for agent in spec.agents)
    most = spec.max_rounds if spec.process == "adaptive" else 5 * tasks
    calls = Range(tasks, 2 * tasks if spec.process == "hierarchical" else tasks, max(most, tasks))
    prompt = Range(calls.low * told, calls.likely * (told + USUAL), calls.high * (told + LONG))
    completion = Range(calls.low * SHORT, calls.likely * SHORT, calls.high * USUAL)
    return Size(spec.manager_llm, calls, prompt, completion)


def _texts(agent: AgentSpec | None, task: TaskSpec) -> int:
    texts = [text for part in (agent, task) if part is not None for _, text in part.texts()]
    schema = json.dumps(task.output_schema) if task.output_schema else ""
    return sum(map(count, texts)) + count(schema)


def _tool(tool: Tool) -> int:
    return count(tool.spec.description) + count(json.dumps(tool.spec.parameters))
