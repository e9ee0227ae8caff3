"""Starting a branch: the same checks as a start, and everything or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agents.branches.edits import Edits, edited, read_edits, unfit
from agents.definitions import spec_in
from agents.runtimes.checks import Problem, check, check_inputs
from agents.runtimes.spec import CrewSpec, SpecInvalid
from agents.services.settling import refuse
from agents.tools.reading import available_tools
from projects.asking.checking import misfit
from projects.branching.services import Branch, Written, as_they_went, branch_run
from projects.models import Run
from tenants.access import Member, require_builder
from tenants.errors import FieldError, Invalid, WrongState
from tenants.wire.parsing import read_json


def branch_from(*, run: Run, task: str, edits: Mapping[str, Any], by: Member) -> Run:
    """Start a run from `task` of an ended one, with edits. Raises Invalid with the path of everything that keeps it from running."""
    require_builder(by)
    if not run.has_ended:
        raise WrongState("This run has not ended yet; cancel it or wait.")
    spec, wanted = _spec_of(run), read_edits(edits)
    if task not in {each.name for each in spec.tasks}:
        detail = f"This run has no task “{task}”."
        raise Invalid(detail, errors=[FieldError("task", "unknown_task", detail)])
    changed, inputs = edited(spec, wanted), {**run.inputs, **wanted.inputs}
    refuse(_problems(run, changed, wanted, task=task, inputs=inputs))
    branch = Branch(
        task=task,
        snapshot={**run.snapshot, **changed.to_snapshot()},
        inputs=inputs,
        edits=edits,
        outputs={name: _written(changed, name, text) for name, text in wanted.outputs.items()},
    )
    return branch_run(run=run, branch=branch, by=by)


def _spec_of(run: Run) -> CrewSpec:
    try:
        return spec_in(run.snapshot)
    except SpecInvalid as refusal:
        raise WrongState(f"The definitions of this run cannot be read any more. {refusal}") from refusal


def _problems(run: Run, spec: CrewSpec, edits: Edits, *, task: str, inputs: Mapping[str, str]) -> Iterable[Problem]:
    misfits = ((name, misfit(run, name, text)) for name, text in edits.outputs.items())
    found = [
        *unfit(spec, edits, order=as_they_went(run), from_task=task),
        *check(spec, tools=available_tools()),
        *check_inputs(spec, inputs),
        *(Problem(f"tasks.{name}.output", "schema", detail) for name, detail in misfits if detail),
    ]
    return (replace(problem, path=f"edits.{problem.path}") for problem in found)


def _written(spec: CrewSpec, task: str, text: str) -> Written:
    return Written(text, read_json(text) if spec.task(task).output_schema is not None else None)
