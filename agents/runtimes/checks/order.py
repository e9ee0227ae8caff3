"""What tasks need of each other: contexts and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from agents.runtimes.checks.problem import Problem
from agents.runtimes.conditions import ConditionInvalid, parse, tasks_in
from agents.runtimes.spec import CrewSpec, TaskSpec


def bad_contexts(spec: CrewSpec) -> Iterator[Problem]:
    cyclic = _in_cycles(spec)
    for task in spec.tasks:
        for name in task.context or ():
            yield from _bad_need(spec, task, name, "context", cyclic)


def bad_conditions(spec: CrewSpec) -> Iterator[Problem]:
    cyclic, inputs = _in_cycles(spec), {given.name for given in spec.inputs}
    for task in spec.tasks:
        path = f"tasks.{task.name}.condition"
        try:
            condition = parse(task.condition) if task.condition else None
        except ConditionInvalid as invalid:
            yield Problem(path, "bad_condition", str(invalid))
            continue
        for name in condition.tasks if condition else ():
            yield from _bad_need(spec, task, name, "condition", cyclic)
        for name in condition.inputs if condition else ():
            if name not in inputs:
                yield Problem(path, "undeclared_input", f"“{name}” is not among the inputs of this crew.")


def _bad_need(spec: CrewSpec, task: TaskSpec, name: str, field: str, cyclic: set[str]) -> Iterator[Problem]:
    path, place = f"tasks.{task.name}.{field}", {other.name: index for index, other in enumerate(spec.tasks)}
    if name not in place:
        yield Problem(path, "unknown_task", f"The {field} of “{task.name}” names “{name}”, which is not a task.")
    elif name in cyclic and task.name in cyclic:
        yield Problem(path, "cycle", f"“{task.name}” and “{name}” wait for each other. Remove one of the two.")
    elif place[name] >= place[task.name]:
        yield Problem(path, "later_task", f"“{task.name}” needs “{name}”, which comes later. Put “{name}” before it.")
    elif name in _group_before(spec, task):
        detail = f"“{task.name}” runs beside “{name}” and cannot wait for it. Make one of them synchronous."
        yield Problem(path, "async_context", detail)


def _in_cycles(spec: CrewSpec) -> set[str]:
    """Tasks that wait, directly or not, for themselves: what is left after all others are taken away."""
    names = {task.name for task in spec.tasks}
    waits = {task.name: {*(task.context or ()), *tasks_in(task.condition)} & names for task in spec.tasks}
    while free := {name for name, needs in waits.items() if not needs & waits.keys()}:
        waits = {name: needs for name, needs in waits.items() if name not in free}
    needed = set().union(*waits.values()) if waits else set()
    return waits.keys() & needed


def _group_before(spec: CrewSpec, task: TaskSpec) -> set[str]:
    """The asynchronous tasks right before an asynchronous one: they run beside it."""
    group: set[str] = set()
    for other in spec.tasks:
        if other.name == task.name:
            break
        group = group | {other.name} if other.async_execution else set()
    return group if task.async_execution else set()
