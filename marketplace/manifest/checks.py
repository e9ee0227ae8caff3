"""Coherence: does a manifest that reads well also mean something, and ask for exactly the power that it uses?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from jsonschema import Draft202012Validator

from agents.documents import Path, Problem
from agents.runtimes import checks as runtime
from agents.runtimes.spec import CrewSpec as RuntimeCrew
from agents.runtimes.spec import TaskSpec as RuntimeTask
from marketplace.manifest.envelope import AgentManifest, CrewManifest, Manifest
from marketplace.manifest.evaluation import Case, Fits
from marketplace.manifest.inputs import check_inputs
from marketplace.manifest.powers import SOFT, needs_of, tools_of
from marketplace.manifest.specs import LibraryScenario
from marketplace.manifest.to_workspace import agent_spec, crew_spec, inputs_of

MUST_BE_USED = ("tool:", "knowledge:", "delegate", "compute")


def check(manifest: Manifest) -> list[Problem]:
    """Every incoherence, in no particular order; empty when there is none."""
    problems = [*_permission_faults(manifest), *_tool_faults(manifest), *_limit_faults(manifest)]
    if manifest.inputs:
        problems += check_inputs(manifest.inputs)
    if isinstance(manifest, CrewManifest | AgentManifest):
        problems += _work_faults(manifest)
    if isinstance(manifest.spec, LibraryScenario):
        problems += _scenario_faults(manifest.spec)
    return [*problems, *_case_faults(manifest)]


def needed_permissions(manifest: Manifest) -> dict[str, str]:
    """Codes of the permissions that the spec cannot work without, each with the reason."""
    return {code: why for code, why in needs_of(manifest.spec).items() if not code.startswith(SOFT)}


def _tool_faults(manifest: Manifest) -> Iterator[Problem]:
    used = set(tools_of(manifest.spec))
    for tool in sorted(used - set(manifest.requires.tools)):
        yield Problem(("requires", "tools"), "not_required", f"“{tool}” is used but not among the required tools.")
    for number, fallback in enumerate(manifest.requires.fallbacks):
        path: Path = ("requires", "fallbacks", number)
        if fallback.tool not in manifest.requires.tools:
            yield Problem(path, "not_required", f"“{fallback.tool}” is not among the required tools.")
        if fallback.otherwise == "substitute" and not fallback.substitute:
            yield Problem(path, "substitute", f"Say which tool takes the place of “{fallback.tool}”.")
    for number, tool in enumerate(manifest.approvals):
        if tool not in used:
            yield Problem(("approvals", number), "unused", f"Nothing here uses “{tool}”. Take it out.")


def _permission_faults(manifest: Manifest) -> Iterator[Problem]:
    asked = [permission.meaning().code for permission in manifest.permissions]
    needed = needs_of(manifest.spec)
    for number, code in enumerate(asked):
        if asked.index(code) != number:
            yield Problem(("permissions", number), "duplicate", f"{code} is asked for twice.")
        if code.startswith(MUST_BE_USED) and code not in needed:
            yield Problem(("permissions", number), "unused", f"{code} is asked for, but nothing here uses it.")
    for code, why in sorted(needed_permissions(manifest).items()):
        if code in asked or (code == "model:any" and any(other.startswith("model:") for other in asked)):
            continue
        yield Problem(("permissions",), "not_asked", f"{code} is missing, though {why}.")


def _limit_faults(manifest: Manifest) -> Iterator[Problem]:
    limits = manifest.limits
    if limits.minutes * 60 + limits.seconds > 86_400:
        yield Problem(("limits", "seconds"), "out_of_range", "A run takes at most a day: 1440 minutes and 0 seconds.")


class _Every(Container[str]):
    """Whether a tool exists is asked where it is installed."""

    def __contains__(self, name: object) -> bool:
        return True


def _work_faults(manifest: CrewManifest | AgentManifest) -> Iterator[Problem]:
    """What the builder would refuse as well, in its words."""
    crew = crew_spec(manifest) if isinstance(manifest, CrewManifest) else _alone(manifest)
    for problem in runtime.check(crew, tools=_Every()):
        path = _path(problem.path, crew, alone=isinstance(manifest, AgentManifest))
        yield Problem(path, problem.code, problem.detail)


def _alone(manifest: AgentManifest) -> RuntimeCrew:
    agent = agent_spec(manifest)
    task = RuntimeTask(name="answer", description="Answer.", expected_output="An answer.", agent=agent.name)
    return RuntimeCrew(name=manifest.metadata.title, agents=(agent,), tasks=(task,), inputs=inputs_of(manifest.inputs))


def _path(path: str, crew: RuntimeCrew, *, alone: bool) -> Path:
    """`tasks.find.context` of the runtime → `spec.tasks[0].context`; an agent alone is the spec itself."""
    group, _, rest = path.partition(".")
    if group not in {"agents", "tasks"} or not rest:
        return ("spec",) if group == "crew" else ("spec", group)
    name, _, field = rest.partition(".")
    names = [part.name for part in (crew.agents if group == "agents" else crew.tasks)]
    inner = tuple(field.split(".")) if field else ()
    return ("spec", *inner) if alone else ("spec", group, names.index(name), *inner)


def _scenario_faults(scenario: LibraryScenario) -> Iterator[Problem]:
    for name in sorted(_repeated(preset.name for preset in scenario.presets)):
        yield Problem(("spec", "presets"), "duplicate", f"Two presets are called “{name}”.")
    for number, expectation in enumerate(scenario.expect):
        low, high = expectation.between
        if low > high:
            yield Problem(("spec", "expect", number, "between"), "range", f"{low:g} is above {high:g}.")


def _case_faults(manifest: Manifest) -> Iterator[Problem]:
    """A case has a name of its own, and inputs that a run would take."""
    if manifest.evaluation is None:
        return
    for name in sorted(_repeated(case.name for case in manifest.evaluation.cases)):
        yield Problem(("evaluation", "cases"), "duplicate", f"Two cases are called “{name}”.")
    for number, case in enumerate(manifest.evaluation.cases):
        path: Path = ("evaluation", "cases", number)
        yield from _input_faults(manifest, case, path)
        yield from _expected_schemas(case, path)


def _input_faults(manifest: Manifest, case: Case, path: Path) -> Iterator[Problem]:
    if manifest.inputs is None or list(check_inputs(manifest.inputs)):
        return
    for error in Draft202012Validator(manifest.inputs.json_schema).iter_errors(case.inputs):
        detail = f"These inputs do not fit: {error.message[:200]}"
        yield Problem((*path, "inputs", *error.absolute_path), "example", detail)


def _expected_schemas(case: Case, path: Path) -> Iterator[Problem]:
    for number, expected in enumerate(case.expect):
        if isinstance(expected, Fits):
            for problem in runtime.bad_schema("", expected.value):
                yield Problem((*path, "expect", number, "value"), problem.code, problem.detail)


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}
