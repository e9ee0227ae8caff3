"""crew.yaml: what a crew is beyond CrewAI's two files, where process, inputs, limits and people stand in Python or nowhere.

It repeats nothing: what agents.yaml and tasks.yaml can say is refused here. Both directions go by the fields of the specification, so a new
field travels without being named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap

from agents.crewfiles.document import Entry, entries, load, plain
from agents.crewfiles.fields import SAID_OF_AGENTS, SAID_OF_TASKS
from agents.crewfiles.problems import FileName, Place
from agents.crewfiles.reader import Findings
from agents.runtimes.spec import CrewSpec, TaskSpec

FILE: FileName = "crew.yaml"
PARTS: Mapping[str, tuple[frozenset[str], FileName]] = {
    "agents": (SAID_OF_AGENTS, "agents.yaml"),
    "tasks": (SAID_OF_TASKS, "tasks.yaml"),
}


def rest_of(spec: CrewSpec) -> dict[str, Any]:
    """What the other two files leave out, without what is usual anyway."""
    parts = {
        "agents": {agent.name: _beyond(agent, SAID_OF_AGENTS) for agent in spec.agents},
        "tasks": {task.name: _beyond(task, SAID_OF_TASKS) | _named_output(task) for task in spec.tasks},
    }
    said = {kind: {name: more for name, more in part.items() if more} for kind, part in parts.items()}
    return _beyond(spec, {"name", *PARTS}) | {kind: part for kind, part in said.items() if part}


def completed(spec: CrewSpec, content: str | bytes, findings: Findings) -> CrewSpec:
    """The crew of the other two files with what crew.yaml adds. What does not fit is written down, and the crew stays as it was."""
    tree = load(content, FILE)
    whole = spec.model_dump()
    for entry in entries(tree, FILE):
        if entry.key in PARTS:
            _complete_parts(entry, whole[entry.key], findings)
        else:
            _note_place(findings, entry.key, entry)
            whole[entry.key] = plain(entry.value)
    if "name" in tree:
        findings.problem(findings.places["name"], "elsewhere", "A crew is named where it is imported. Remove “name”.")
    try:
        return CrewSpec.model_validate(whole)
    except ValidationError as misfit:
        _tell(misfit, whole, findings)
        return spec


def _beyond(part: BaseModel, said: frozenset[str] | set[str]) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_defaults=True, exclude=set(said))


def _named_output(task: TaskSpec) -> dict[str, str]:
    """A schema in tasks.yaml brings its title as the name of the output; another name is said here."""
    has_own = task.output_schema is not None and task.output_name != str(task.output_schema.get("title") or "")
    return {"output_name": task.output_name} if has_own else {}


def _complete_parts(given: Entry, parts: list[dict[str, Any]], findings: Findings) -> None:
    said, file = PARTS[given.key]
    named = {part["name"]: part for part in parts}
    for entry in _inside(given, findings):
        if entry.key not in named:
            findings.problem(entry.place, "unknown_name", f"“{entry.key}” does not stand in {file}.")
            continue
        for field in _inside(entry, findings):
            if field.key in said and field.key != "output_name":
                findings.problem(field.place, "elsewhere", f"“{field.key}” stands in {file}. Change it there.")
                continue
            _note_place(findings, f"{given.key}.{entry.key}.{field.key}", field)
            named[entry.key][field.key] = plain(field.value)


def _inside(entry: Entry, findings: Findings) -> Iterator[Entry]:
    if isinstance(entry.value, CommentedMap):
        return entries(entry.value, FILE)
    findings.problem(entry.value_place, "not_a_mapping", f"“{entry.key}” must have settings, one per line.")
    return iter(())


def _note_place(findings: Findings, path: str, entry: Entry) -> None:
    findings.places[path] = entry.value_place


def _tell(misfit: ValidationError, whole: Mapping[str, Any], findings: Findings) -> None:
    for error in misfit.errors(include_url=False):
        path = ".".join(_names(error["loc"], whole))
        if error["type"] == "extra_forbidden":
            place, detail = findings.place(path, Place(FILE)), f"“{error['loc'][-1]}” is not known. Remove this line."
            findings.problem(place, "unknown_field", detail)
        else:
            findings.problem(findings.place(path, Place(FILE)), "wrong_value", f"“{path}”: {error['msg']}.")


def _names(loc: tuple[int | str, ...], whole: Mapping[str, Any]) -> Iterator[str]:
    """Where pydantic found a fault, with agents and tasks by their names."""
    for position, step in enumerate(loc):
        is_part = position == 1 and isinstance(step, int) and loc[0] in PARTS
        yield str(whole[str(loc[0])][step]["name"]) if is_part else str(step)
