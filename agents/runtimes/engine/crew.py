"""A crew in progress: what came out so far, and the one way to let a task run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crewai.utilities.formatter import DIVIDERS

from agents.llm.types import LLMError
from agents.runtimes.conditions import parse
from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.task import carry_out
from agents.runtimes.engine.team import Team
from agents.runtimes.outcome import CrewFailed, StepOutput, Suspended, ToolImpl
from agents.runtimes.spec import CrewSpec, TaskSpec, filled

NOTHING = StepOutput("")


class CrewRun:
    """`outputs` holds what each task came to, in this run or (`done`) in an earlier attempt at it: nothing for those in `skipped`
    and `failed`, which hold the reason. `unfinished` is true when a router was stopped before it said that all is done.
    `values` fill the placeholders.
    """

    def __init__(
        self,
        spec: CrewSpec,
        values: Mapping[str, str],
        session: Session,
        tools: Mapping[str, ToolImpl],
        done: Mapping[str, StepOutput],
    ) -> None:
        self.spec = spec.model_copy(update={"agents": tuple(filled(agent, values) for agent in spec.agents)})
        self.session = session
        self.outputs: dict[str, StepOutput] = {}
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.unfinished = False
        self.values = values
        self._done = done
        self._team = Team(self.spec, tools)
        session.watches = not spec.trust_outside_content and any(tool.spec.sends_out for tool in tools.values())
        self._last_failure: Exception | None = None

    async def task(self, spec: TaskSpec, context: Iterable[str]) -> None:
        """Let a task run, unless it is done or its condition does not hold. `context` names the tasks whose outputs it sees."""
        if spec.name in self._done:
            self.outputs[spec.name] = self._done[spec.name]
            self.session.used.update(self._team.tools_of(spec))  # nobody remembers which of them ran
            return
        if self.skips(spec):
            return
        seen = list(context)
        step = Step(
            self.session,
            spec.name,
            self._team.name_for(spec),
            spec.limits,
            frozenset(map(self._team.called, spec.ask_before_tools)),
            self.session.pictures if spec.name in self.spec.seers else (),
            next((self.outputs[name].outside for name in seen if self.outputs[name].outside), ""),
        )
        try:
            self.outputs[spec.name] = await carry_out(spec, step, self._team, self.values, self.context(seen))
        except Halted as halted:
            self._end(spec, halted.cause, step.outside)
        except Exception as bug:  # raised again, noted as the first of several that run side by side
            self.session.fault = self.session.fault or bug
            raise

    def context(self, names: Iterable[str]) -> str:
        """What the tasks came to; of one that failed, that it did."""
        return DIVIDERS.join(self._told(name) for name in names if name not in self.skipped)

    def last(self) -> StepOutput:
        """The last output that there is. Raises what made the only ones fail."""
        names = list(self.outputs) if self.spec.process == "adaptive" else [task.name for task in self.spec.tasks]
        missing = {*self.skipped, *self.failed}
        there = [self.outputs[name] for name in names if name in self.outputs and name not in missing]
        if there:
            return there[-1]
        if self._last_failure is not None:
            raise Halted(self._last_failure)
        return NOTHING

    def skips(self, spec: TaskSpec) -> bool:
        """True, and said to the host, when its condition does not hold."""
        if not spec.condition:
            return False
        condition, scope = parse(spec.condition), self._scope()
        if condition.holds(scope):
            return False
        reason = f"Its condition does not hold: {spec.condition} ({condition.found(scope)})."
        self.skipped[spec.name], self.outputs[spec.name] = reason, NOTHING
        self.session.emit("task.skipped", spec.name, self._team.name_for(spec), reason=reason)
        return True

    def _end(self, spec: TaskSpec, cause: Exception, outside: str) -> None:
        """A failure that the crew may go on without is kept; a wait for a person lets others finish; all else ends the run.

        What later tasks are told of a failure may be in others' words, as a result may.
        """
        if spec.on_failure == "continue" and isinstance(cause, CrewFailed | LLMError) and self.session.fault is None:
            self.failed[spec.name], self.outputs[spec.name] = cause.detail, StepOutput("", outside=outside)
            self._last_failure = cause
            return
        if not isinstance(cause, Suspended):
            self.session.fault = self.session.fault or cause
        raise Halted(cause)

    def _told(self, name: str) -> str:
        if name in self.failed:
            return f"(“{name}” failed and has no result: {self.failed[name]})"
        return self.outputs[name].text

    def _scope(self) -> dict[str, dict[str, Any]]:
        return {
            "outputs": {name: self._seen(name, out) for name, out in self.outputs.items()},
            "inputs": {**self.values},
        }

    def _seen(self, name: str, output: StepOutput) -> dict[str, Any]:
        own = {"text": output.text, "data": output.data, "skipped": name in self.skipped, "failed": name in self.failed}
        return {**(output.data or {}), **own}
