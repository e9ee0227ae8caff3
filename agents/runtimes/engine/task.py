"""One task from its start to its output."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Collection, Mapping
from typing import Any

from crewai import Task
from crewai.utilities.i18n import I18N_DEFAULT
from pydantic import BaseModel, ValidationError

from agents.llm.types import Message
from agents.runtimes.desk import Made
from agents.runtimes.engine.bound import at_most
from agents.runtimes.engine.claims import unproven
from agents.runtimes.engine.guardrail import Guardrail
from agents.runtimes.engine.review import asked_values, reviewed
from agents.runtimes.engine.schema import CheckedModel, model_of
from agents.runtimes.engine.session import Halted
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.team import Team
from agents.runtimes.engine.worker import Worker
from agents.runtimes.outcome import StepOutput, Suspended
from agents.runtimes.spec import TaskSpec, filled, placeholders


async def carry_out(spec: TaskSpec, step: Step, team: Team, values: Mapping[str, str], context: str) -> StepOutput:
    """`values` fill the placeholders. Raises Halted with the cause when the task does not come to its end."""
    try:
        step.check()
        step.emit("task.started", **({"pictures": len(step.pictures)} if step.pictures else {}))
        async with at_most(spec.limits.seconds, step, who=f"“{spec.name}”"):
            ready = _with_values(spec, values, await asked_values(spec, step))
            output = await _TaskRun(ready, step, team).run(context)
        await step.finish(output)
    except Halted as halted:
        _tell_end(step, halted.cause)
        raise
    except CancelledError:
        step.emit("task.failed", error="Stopped.", code="cancelled")
        raise
    step.check()
    return output


def _tell_end(step: Step, cause: Exception) -> None:
    if isinstance(cause, Suspended):
        step.emit("task.waiting")
    else:
        step.emit("task.failed", error=str(cause), code=getattr(cause, "code", ""))


class _TaskRun:
    def __init__(self, spec: TaskSpec, step: Step, team: Team) -> None:
        self._spec = spec
        self._step = step
        self._tools = team.tool_names
        self._schema = _model(spec)
        self._worker = team.worker(spec, step)

    async def run(self, context: str) -> StepOutput:
        answer = await self._answer(self._worker, context)
        output = await self._output(answer)
        while self._spec.human_input:
            verdict = await reviewed(output, self._spec, self._step, self._schema)
            if verdict.output is not None:
                return verdict.output
            output = await self._output(await self._worker.again(verdict.feedback))
        return output

    async def _answer(self, worker: Worker, context: str) -> Any:
        task = Task(
            name=self._spec.name,
            description=self._spec.description,
            expected_output=self._spec.expected_output,
            agent=worker.agent,
            markdown=self._spec.markdown,
            output_json=self._schema,
        )
        answer = await worker.work(task, context)
        guardrail = Guardrail(self._spec, worker.llm)
        while (feedback := await guardrail.judge(_raw(answer))) is not None:
            retry = I18N_DEFAULT.errors("validation_error")
            answer = await worker.work(task, retry.format(guardrail_result_error=feedback, task_output=_raw(answer)))
        return answer

    async def _output(self, answer: Any) -> StepOutput:
        step, text = self._step, _raw(answer)
        data = await self._data(answer)
        notes = _notes(text, step, self._tools) if self._schema is None else ()
        notes += answer.notes if isinstance(answer, Made) else ()
        return StepOutput(
            text,
            data,
            limited=step.limited,
            refused=tuple(dict.fromkeys(step.refused)),
            notes=notes,
            outside=step.outside,
        )

    async def _data(self, answer: Any) -> dict[str, Any] | None:
        """The JSON of the answer, where the task has a schema. An agent with tools answers in free text."""
        if self._schema is None:
            return answer.data if isinstance(answer, Made) else None
        if isinstance(answer, BaseModel):
            return dict(answer.model_dump())
        try:
            return dict(self._schema.model_validate_json(_without_fence(_raw(answer))).model_dump())
        except ValidationError:
            wish = Message("user", f"Put this into the form asked for, adding nothing:\n\n{_raw(answer)}")
            return dict((await self._worker.llm.structured([wish], self._schema)).model_dump())


def _model(spec: TaskSpec) -> type[CheckedModel] | None:
    return None if spec.output_schema is None else model_of(spec.output_schema, name=spec.output_name or "Answer")


def _with_values(spec: TaskSpec, values: Mapping[str, str], asked: Mapping[str, str]) -> TaskSpec:
    """The task with its placeholders filled; what a person gave and no placeholder takes stands below the description."""
    taken = {name for _, text in spec.texts() for name in placeholders(text)}
    told = {given.name: given.description or given.name for given in spec.ask_input}
    lines = [f"{told[name].rstrip(':')}: {value}" for name, value in asked.items() if name not in taken]
    ready = filled(spec, {**values, **asked})
    return ready.model_copy(update={"description": "\n\n".join([ready.description, *lines])})


def _notes(text: str, step: Step, tools: Collection[str]) -> tuple[str, ...]:
    notes = []
    for tool in unproven(text, used=step.session.used, known=tools):
        notes.append(f"The answer says that the tool “{tool}” was used, but it was not called.")
        step.emit("task.note", code="claimed_tool", tool=tool, text=notes[-1])
    return tuple(notes)


def _raw(answer: Any) -> str:
    if isinstance(answer, Made):
        return answer.text
    return answer.model_dump_json() if isinstance(answer, BaseModel) else str(answer)


def _without_fence(text: str) -> str:
    """The content of a Markdown code block, when the whole text is one."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare.strip("`").partition("\n")[2]
    return bare
