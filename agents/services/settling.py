"""What every change of a crew ends with, inside its own transaction: it could run, or it is refused."""

from __future__ import annotations

from collections.abc import Iterable

from agents import queries
from agents.definitions import declared, spec_of, texts_of
from agents.models import Crew
from agents.runtimes.checks import Problem, check
from agents.runtimes.spec import CrewSpec
from agents.services.versions import note_crew
from agents.tools.reading import available_tools
from tenants.access import Member
from tenants.errors import FieldError, Invalid

UNFINISHED = {"empty", "missing", "alone"}
"""Problems that a crew may have while it is being built; it is refused when it is to run."""


def settle(crew: Crew, *, by: Member) -> None:
    """Declare inputs for new placeholders, refuse what could never run, and number the version. Inside the change's own transaction."""
    spec = spec_of(queries.whole_crew(crew))
    inputs = declared(spec.inputs, texts_of(spec))
    if inputs != spec.inputs:
        crew.inputs = [given.model_dump() for given in inputs]
        crew.save(update_fields=["inputs", "updated_at"])
    spec = spec.model_copy(update={"inputs": inputs})
    refuse(problems_of(spec))
    note_crew(crew, spec, by)


def problems_of(spec: CrewSpec) -> Iterable[Problem]:
    complete = spec.model_copy(update={"inputs": declared(spec.inputs, texts_of(spec))})
    return (
        problem
        for problem in check(complete, tools=available_tools())
        if problem.code not in UNFINISHED or _is_text(problem)
    )


def _is_text(problem: Problem) -> bool:
    """An empty text is a mistake; an empty list of tasks is a beginning."""
    return problem.code == "empty" and problem.path.count(".") > 0


def refuse(problems: Iterable[Problem]) -> None:
    errors = [FieldError(problem.path, problem.code, problem.detail) for problem in problems]
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
