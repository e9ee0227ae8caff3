"""A crew in progress: what came out so far, and the one way to let a task run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crewai.utilities.formatter import DIVIDERS

from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.task import TaskRun
from agents.runtimes.engine.team import Team
from agents.runtimes.outcome import StepOutput, ToolImpl
from agents.runtimes.spec import CrewSpec, TaskSpec


class CrewRun:
    """`outputs` holds what each task came to, in this run or (`done`) in an earlier attempt at it."""

    def __init__(
        self, spec: CrewSpec, session: Session, tools: Mapping[str, ToolImpl], done: Mapping[str, StepOutput]
    ) -> None:
        self.spec = spec
        self.session = session
        self.outputs: dict[str, StepOutput] = {}
        self._done = done
        self._team = Team(spec, tools)

    @property
    def limited(self) -> tuple[str, ...]:
        return tuple(
            task.name for task in self.spec.tasks if (out := self.outputs.get(task.name)) is not None and out.limited
        )

    async def task(self, spec: TaskSpec, context: Iterable[str]) -> StepOutput:
        """Let a task run, unless it is done. `context` names the tasks whose outputs it sees."""
        if spec.name in self._done:
            self.outputs[spec.name] = self._done[spec.name]
            return self.outputs[spec.name]
        step = Step(self.session, spec.name, self._team.name_for(spec))
        try:
            output = await TaskRun(spec, step, self._team).run(self.context(context))
        except Halted as halted:
            self.session.fault = self.session.fault or halted.cause
            raise
        self.outputs[spec.name] = output
        return output

    def context(self, names: Iterable[str]) -> str:
        return DIVIDERS.join(self.outputs[name].text for name in names)
