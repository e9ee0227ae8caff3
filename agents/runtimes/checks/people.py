"""What a task asks of a person."""

from __future__ import annotations

from collections.abc import Iterator

from agents.runtimes.checks.problem import Problem
from agents.runtimes.spec import PLACEHOLDER, CrewSpec, TaskSpec

QUESTION_LIMIT = 10


def bad_questions(spec: CrewSpec) -> Iterator[Problem]:
    given = {each.name for each in spec.inputs}
    for task in spec.tasks:
        yield from _bad_inputs(f"tasks.{task.name}.ask_input", task, given)
        yield from _bad_approvals(f"tasks.{task.name}.ask_before_tools", spec, task)
        if task.waiting.at_deadline == "default" and not task.waiting.default.strip():
            detail = "Say what the default is that is used at the deadline."
            yield Problem(f"tasks.{task.name}.waiting.default", "missing", detail)


def _bad_inputs(path: str, task: TaskSpec, given: set[str]) -> Iterator[Problem]:
    if len(task.ask_input) > QUESTION_LIMIT:
        yield Problem(path, "too_many", f"A task asks for at most {QUESTION_LIMIT} values.")
    seen: set[str] = set()
    for asked in task.ask_input:
        if not PLACEHOLDER.fullmatch(f"{{{asked.name}}}"):
            yield Problem(path, "bad_name", f"“{asked.name}” is no name: use letters, digits, “-” and “_”.")
        if asked.name in given | seen:
            yield Problem(path, "duplicate", f"“{asked.name}” is asked for or given already. Choose another name.")
        seen.add(asked.name)


def _bad_approvals(path: str, spec: CrewSpec, task: TaskSpec) -> Iterator[Problem]:
    usable = set(task.tools).union(*(agent.tools for agent in spec.agents))
    for name in task.ask_before_tools:
        if name not in usable:
            yield Problem(path, "unknown_tool", f"Nobody in this crew has the tool “{name}”. Remove it here.")
