"""What may be changed when a run goes off from another, and the crew that comes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.runtimes.checks import TEXT_LIMIT, Problem
from agents.runtimes.spec import CrewSpec
from tenants.errors import FieldError, Invalid


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def changes(self) -> dict[str, Any]:
        """What was sent, by field."""
        return self.model_dump(exclude_unset=True, exclude={"output"}, exclude_none=True)


class TaskEdit(_Strict):
    """`output` is what stands in place of the task: it is not done at all."""

    description: str | None = None
    expected_output: str | None = None
    llm: str | None = None
    output: str | None = Field(default=None, max_length=TEXT_LIMIT)


class AgentEdit(_Strict):
    goal: str | None = None
    backstory: str | None = None
    llm: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)


class Edits(_Strict):
    """By name. Inputs that are not named stay as they were."""

    inputs: dict[str, str] = {}
    tasks: dict[str, TaskEdit] = {}
    agents: dict[str, AgentEdit] = {}

    @property
    def outputs(self) -> dict[str, str]:
        return {name: edit.output for name, edit in self.tasks.items() if edit.output is not None}


def read_edits(sent: Mapping[str, Any]) -> Edits:
    """Raises Invalid, with the path of everything that is not known or of another type."""
    try:
        return Edits.model_validate(sent)
    except ValidationError as refusal:
        errors = [_error(found) for found in refusal.errors(include_url=False, include_input=False)]
        raise Invalid(errors[0].detail, errors=errors) from None


def _error(found: Mapping[str, Any]) -> FieldError:
    unknown = found["type"] == "extra_forbidden"
    detail = "This cannot be changed here; remove it." if unknown else f"{found['msg']}."
    return FieldError(".".join(["edits", *map(str, found["loc"])]), "unknown" if unknown else "invalid", detail)


def edited(spec: CrewSpec, edits: Edits) -> CrewSpec:
    """The crew with the edits of what it has; `unfit` names the rest."""
    return spec.model_copy(
        update={
            "tasks": tuple(_changed(task, edits.tasks.get(task.name)) for task in spec.tasks),
            "agents": tuple(_changed(agent, edits.agents.get(agent.name)) for agent in spec.agents),
        }
    )


def unfit(spec: CrewSpec, edits: Edits, *, order: Sequence[str], from_task: str) -> Iterator[Problem]:
    """Edits of what is not there, of what is taken over, and of what is not done at all. `order` is how the tasks went."""
    for name in edits.agents.keys() - {agent.name for agent in spec.agents}:
        yield Problem(f"agents.{name}", "unknown_agent", f"This run has no agent “{name}”.")
    for name, edit in edits.tasks.items():
        if name not in order:
            yield Problem(f"tasks.{name}", "unknown_task", f"This run has no task “{name}”.")
        elif order.index(name) < order.index(from_task):
            detail = f"“{name}” comes before “{from_task}” and is taken over. Branch from “{name}” to change it."
            yield Problem(f"tasks.{name}", "taken_over", detail)
        elif edit.output is not None and edit.changes():
            detail = f"“{name}” is not done, as you wrote its output. Leave out the other changes."
            yield Problem(f"tasks.{name}.output", "not_done", detail)
        elif edit.output is not None and not edit.output.strip():
            yield Problem(f"tasks.{name}.output", "empty", "Write the output.")


def _changed(part: Any, edit: TaskEdit | AgentEdit | None) -> Any:
    return part if edit is None else part.model_copy(update=edit.changes())
