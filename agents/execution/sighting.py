"""Which tasks of a crew see what a run is shown, and whether any model that they may ask can look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.execution.ceilings import served
from agents.llm.capabilities import capability_of
from agents.llm.routes import Route
from agents.runtimes.spec import CrewSpec, TaskSpec

OFFLINE = "offline"
UNSEEN = "The offline provider quotes documents and does not look at pictures: its answers are without them."
SUCH_AS = "such as gpt-5-mini, claude-haiku-4-5, gemini-2.5-flash, or qwen2.5vl on a machine of your own"


@dataclass(frozen=True, slots=True)
class Sight:
    """`can` is None where nobody knows whether the model that would answer sees; `detail` is a sentence, empty where all is well."""

    can: bool | None
    detail: str = ""


def sight_of(spec: CrewSpec, routes: Sequence[Route]) -> Sight:
    """Of the task that is worst off."""
    if all(route.provider.name == OFFLINE for route in routes):
        return Sight(can=False, detail=UNSEEN)
    found = [_of_task(task, _model(spec, task), routes) for task in spec.tasks if task.name in spec.seers]
    return min(found, key=lambda sight: (sight.can is not False, sight.can is not None), default=Sight(can=None))


def _of_task(task: TaskSpec, asked: str, routes: Sequence[Route]) -> Sight:
    sees = dict(_sees(asked, routes))
    if not any(known is not False for known in sees.values()):
        names = ", ".join(sees)
        return Sight(
            can=False,
            detail=f"“{task.name}” sees the pictures, and no model that it may ask can look at them ({names}). Give its agent one that sees, {SUCH_AS}.",
        )
    model, known = next((name, known) for name, known in sees.items() if known is not False)
    if known:
        return Sight(can=True)
    return Sight(
        can=None, detail=f"Nobody here knows whether {model} can look at pictures; some models answer without doing so."
    )


def _sees(asked: str, routes: Sequence[Route]) -> Iterator[tuple[str, bool | None]]:
    """Each model that a call may come to, in their order, and whether it sees."""
    for route, model in served(asked, routes):
        is_offline = route.provider.name == OFFLINE
        yield model or route.provider.name, False if is_offline else capability_of(model).vision


def _model(spec: CrewSpec, task: TaskSpec) -> str:
    """The model that the task asks first."""
    if task.llm:
        return task.llm
    doer = spec.manager if spec.process == "hierarchical" else task.agent
    agent = next((each for each in spec.agents if each.name == doer), None)
    return agent.llm if agent else spec.manager_llm
