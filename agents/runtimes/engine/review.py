"""What a person says before a task starts and about its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from pydantic import ValidationError

from agents.runtimes.engine.schema import CheckedModel, reason_of
from agents.runtimes.engine.step import Step
from agents.runtimes.outcome import Answer, StepOutput
from agents.runtimes.spec import TaskSpec


@dataclass(frozen=True, slots=True)
class Verdict:
    """The output that stands, or (None) the words with which the agent does it again."""

    output: StepOutput | None
    feedback: str = ""


async def asked_values(spec: TaskSpec, step: Step) -> dict[str, str]:
    """What the task asks of a person before it starts, by name."""
    if not spec.ask_input:
        return {}
    fields = [given.model_dump() for given in spec.ask_input]
    answer = await step.ask_person("input", f"“{spec.name}” needs something from you before it starts.", inputs=fields)
    if answer.action == "reject":
        _reject(spec, step, answer, "declined to give what “{task}” needs")
    given = dict(answer.data or {})
    if not given and len(spec.ask_input) == 1:
        given = {spec.ask_input[0].name: answer.text}
    return {wanted.name: _value(given, wanted.name, wanted.default, spec, step) for wanted in spec.ask_input}


async def reviewed(output: StepOutput, spec: TaskSpec, step: Step, schema: type[CheckedModel] | None) -> Verdict:
    text = f"Does the answer of “{spec.name}” stand?"
    answer = await step.ask_person("review", text, draft=output.text, data=output.data, notes=list(output.notes))
    if answer.action in {"approve", "value"}:
        return Verdict(output)
    if answer.action == "edit":
        return Verdict(_edited(output, answer, spec, step, schema))
    if answer.action == "reject":
        _reject(spec, step, answer, "rejected the answer of “{task}”")
    return Verdict(None, answer.text)


def _edited(
    output: StepOutput, answer: Answer, spec: TaskSpec, step: Step, schema: type[CheckedModel] | None
) -> StepOutput:
    if schema is None:
        if not answer.text.strip():
            step.fail(f"The edited answer of “{spec.name}” is empty.", code="edit_misfit")
        return replace(output, text=answer.text, edited=True)
    try:
        text = answer.text if answer.data is None else json.dumps(dict(answer.data))
        fitting = schema.model_validate_json(text)
    except ValidationError as misfit:
        step.fail(f"The edited answer of “{spec.name}” does not fit: {reason_of(misfit)}", code="edit_misfit")
    return replace(output, text=fitting.model_dump_json(), data=dict(fitting.model_dump()), edited=True)


def _value(given: Mapping[str, Any], name: str, default: str | None, spec: TaskSpec, step: Step) -> str:
    value = given.get(name) or default
    if value is None:
        step.fail(f"“{spec.name}” asked for “{name}”, and the answer left it out.", code="input_missing")
    return str(value)


def _reject(spec: TaskSpec, step: Step, answer: Answer, what: str) -> NoReturn:
    words = f": {answer.text}" if answer.text else "."
    step.fail(f"A person {what.format(task=spec.name)}{words}", code="rejected")
