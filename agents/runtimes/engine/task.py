"""One task from its start to its output."""

from __future__ import annotations

from typing import Any

from crewai import Task
from crewai.utilities.i18n import I18N_DEFAULT
from pydantic import BaseModel, ValidationError

from agents.llm.types import Message
from agents.runtimes.engine.guardrail import Guardrail
from agents.runtimes.engine.schema import CheckedModel, model_of
from agents.runtimes.engine.session import Halted
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.team import Team
from agents.runtimes.outcome import StepOutput
from agents.runtimes.spec import TaskSpec


class TaskRun:
    """`team` brings the agent; `context` is what the tasks before came to."""

    def __init__(self, spec: TaskSpec, step: Step, team: Team) -> None:
        self._spec = spec
        self._step = step
        self._schema = _model(spec)
        self._worker = team.worker(spec, step)

    async def run(self, context: str) -> StepOutput:
        """Raises Halted with the cause when the task does not come to its end."""
        step = self._step
        try:
            step.check()
            step.emit("task.started")
            output = await self._done(context)
            await step.finish(output)
        except Halted as halted:
            step.emit("task.failed", error=str(halted.cause))
            raise
        step.check()
        return output

    async def _done(self, context: str) -> StepOutput:
        task = Task(
            name=self._spec.name,
            description=self._spec.description,
            expected_output=self._spec.expected_output,
            agent=self._worker.agent,
            markdown=self._spec.markdown,
            output_json=self._schema,
        )
        answer = await self._worker.work(task, context)
        guardrail = Guardrail(self._spec, self._worker.llm)
        while (feedback := await guardrail.judge(_raw(answer))) is not None:
            retry = I18N_DEFAULT.errors("validation_error")
            answer = await self._worker.work(
                task, retry.format(guardrail_result_error=feedback, task_output=_raw(answer))
            )
        return await self._output(answer)

    async def _output(self, answer: Any) -> StepOutput:
        return StepOutput(_raw(answer), await self._data(answer), limited=self._step.limited)

    async def _data(self, answer: Any) -> dict[str, Any] | None:
        """The JSON of the answer, where the task has a schema. An agent with tools answers in free text."""
        if self._schema is None:
            return None
        if isinstance(answer, BaseModel):
            return dict(answer.model_dump())
        try:
            return dict(self._schema.model_validate_json(_without_fence(str(answer))).model_dump())
        except ValidationError:
            wish = Message("user", f"Put this into the form asked for, adding nothing:\n\n{answer}")
            return dict((await self._worker.llm.structured([wish], self._schema)).model_dump())


def _model(spec: TaskSpec) -> type[CheckedModel] | None:
    return None if spec.output_schema is None else model_of(spec.output_schema, name=spec.output_name or "Answer")


def _raw(answer: Any) -> str:
    return answer.model_dump_json() if isinstance(answer, BaseModel) else str(answer)


def _without_fence(text: str) -> str:
    """The content of a Markdown code block, when the whole text is one."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare.strip("`").partition("\n")[2]
    return bare
