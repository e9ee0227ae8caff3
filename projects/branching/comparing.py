"""Two runs side by side: per task what each wrote and what it took, and the sums with their differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from projects.branching.diffing import Piece, diff
from projects.models import AgentRun, Run, StepOutput

FIRST = ("description", "expected_output", "role", "goal", "backstory", "agent", "llm", "tools", "context")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a task or a run took. `cost` in US dollars, `seconds` of work; attempts that failed count as well."""

    tokens: int = 0
    cost: Decimal = Decimal(0)
    seconds: float = 0.0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.tokens + other.tokens, self.cost + other.cost, self.seconds + other.seconds)

    def __sub__(self, other: Figures) -> Figures:
        return Figures(self.tokens - other.tokens, self.cost - other.cost, self.seconds - other.seconds)


@dataclass(frozen=True, slots=True)
class Part:
    """One task in one of the runs. `state`: done, taken_over, edited, or missing."""

    state: str
    agent: str
    model: str
    figures: Figures
    output: str


@dataclass(frozen=True, slots=True)
class TaskPair:
    """One task in both; `defined_otherwise` names what differs in its definition."""

    task: str
    first: Part
    second: Part
    delta: Figures
    same: bool
    defined_otherwise: tuple[str, ...]
    diff: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`delta` is the second less the first."""

    first: Run
    second: Run
    tasks: tuple[TaskPair, ...]
    first_figures: Figures
    second_figures: Figures
    delta: Figures
    same_output: bool
    diff: tuple[Piece, ...]


def compare(first: Run, second: Run) -> Comparison:
    """Compare two runs of any crews; tasks are paired by their names, in the order of the first, then of the second."""
    ours, theirs = _Parts(first), _Parts(second)
    names = dict.fromkeys([*ours.definitions, *theirs.definitions])
    first_figures, second_figures = _totals(first), _totals(second)
    return Comparison(
        first=first,
        second=second,
        tasks=tuple(_pair(name, ours, theirs) for name in names),
        first_figures=first_figures,
        second_figures=second_figures,
        delta=second_figures - first_figures,
        same_output=first.output == second.output,
        diff=tuple(diff(first.output, second.output)),
    )


class _Parts:
    """What there is to know of one run's tasks, read in three queries."""

    def __init__(self, run: Run) -> None:
        tasks = [task for task in run.snapshot.get("tasks", ()) if isinstance(task, dict) and task.get("name")]
        self.run = run
        self.definitions: dict[str, Mapping[str, Any]] = {str(task["name"]): task for task in tasks}
        agents = [agent for agent in run.snapshot.get("agents", ()) if isinstance(agent, dict) and agent.get("name")]
        self.agents: dict[str, Mapping[str, Any]] = {str(agent["name"]): agent for agent in agents}
        self.steps: dict[str, StepOutput] = {step.task: step for step in run.steps.all()}
        self.figures = _figures_by_task(run)
        self.models = _models_by_task(run)

    def part(self, task: str) -> Part:
        step = self.steps.get(task)
        agent = step.agent if step else str(self.definitions.get(task, {}).get("agent") or "")
        figures = self.figures.get(task, Figures())
        model = ", ".join(self.models.get(task, ())) or (self.run.model if figures.tokens else "")
        return Part(_state(step), agent, model, figures, step.output if step else "")


def _pair(task: str, ours: _Parts, theirs: _Parts) -> TaskPair:
    first, second = ours.part(task), theirs.part(task)
    return TaskPair(
        task=task,
        first=first,
        second=second,
        delta=second.figures - first.figures,
        same=first.output == second.output and (first.state == "missing") == (second.state == "missing"),
        defined_otherwise=tuple(_otherwise(task, ours, theirs)),
        diff=tuple(diff(first.output, second.output)),
    )


def _otherwise(task: str, ours: _Parts, theirs: _Parts) -> Iterator[str]:
    """Fields of the task that differ, then those of its agent where it is the same one in both, as `agent.goal`."""
    before, after = ours.definitions.get(task, {}), theirs.definitions.get(task, {})
    yield from _differing(before, after)
    if (name := before.get("agent")) and name == after.get("agent"):
        agents = ours.agents.get(name, {}), theirs.agents.get(name, {})
        yield from (f"agent.{field}" for field in _differing(*agents))


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What people look at first, then the rest by name. What one of the two does not have, as it is of another version, is no difference."""
    found = [field for field, value in before.items() if field in after and value != after[field]]
    return sorted(found, key=lambda field: (FIRST.index(field) if field in FIRST else len(FIRST), field))


def _state(step: StepOutput | None) -> str:
    if step is None:
        return "missing"
    return "edited" if step.edited else "taken_over" if step.taken_over else "done"


def _figures_by_task(run: Run) -> dict[str, Figures]:
    found: dict[str, Figures] = defaultdict(Figures)
    for work in run.agent_runs.all():
        found[work.task] += Figures(work.prompt_tokens + work.completion_tokens, work.cost, _seconds(work))
    return found


def _seconds(work: AgentRun) -> float:
    return (work.finished_at - work.started_at).total_seconds() if work.finished_at else 0.0


def _models_by_task(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for task, model in run.model_calls.order_by("created_at", "id").values_list("task", "model"):
        if model not in found[task]:
            found[task].append(model)
    return found


def _totals(run: Run) -> Figures:
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    return Figures(run.total_tokens, run.cost, seconds)
