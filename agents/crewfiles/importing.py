"""agents.yaml and tasks.yaml of a CrewAI project, and crew.yaml of an export → a CrewSpec."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap

from agents.crewfiles.completing import completed
from agents.crewfiles.document import Entry, entries, load, plain
from agents.crewfiles.fields import AGENT_FIELDS, TASK_FIELDS
from agents.crewfiles.problems import CrewFilesInvalid, FileName, FileProblem, Notice, Place
from agents.crewfiles.reader import Findings, Reader
from agents.runtimes.checks import NAME_LIMIT, Problem, check
from agents.runtimes.checks.problem import too_long
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, Process, TaskSpec, placeholders

MODEL_LIMIT = 200
CONDITION_LIMIT = 1_000
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Imported:
    spec: CrewSpec
    notices: tuple[Notice, ...]


def read_crew(
    agents: str | bytes,
    tasks: str | bytes,
    *,
    name: str,
    tools: Collection[str],
    process: Process = "sequential",
    crew: str | bytes = "",
) -> Imported:
    """Read the files; `tools` are the names of the tools here. Raises CrewFilesInvalid with every problem found.

    `crew` may be empty, as CrewAI's projects have none; what it says goes before `process` and before inputs found in the texts.
    """
    findings = Findings()
    spec = CrewSpec(
        name=name,
        process=process,
        agents=tuple(_agent(entry, tools, findings) for entry in _entries(agents, "agents.yaml", "agents")),
        tasks=tuple(_task(entry, tools, findings) for entry in _entries(tasks, "tasks.yaml", "tasks")),
    )
    spec = spec.model_copy(update={"inputs": _inputs(spec)})
    if crew:
        spec = completed(spec, crew, findings)
    if not findings.problems:
        _check(spec, tools, findings)
    if findings.problems:
        raise CrewFilesInvalid(findings.problems)
    return Imported(spec, tuple(sorted(findings.notices, key=lambda notice: notice.place)))


def _entries(content: str | bytes, file: FileName, wrapper: str) -> Iterable[Entry]:
    tree = load(content, file)
    inner = tree.get(wrapper)
    if len(tree) == 1 and isinstance(inner, CommentedMap):
        tree = inner
    return entries(tree, file)


def _agent(entry: Entry, tools: Collection[str], findings: Findings) -> AgentSpec:
    reader = Reader(f"agents.{entry.key}", entry, AGENT_FIELDS, findings)
    return AgentSpec(
        name=entry.key,
        role=reader.text("role"),
        goal=reader.text("goal"),
        backstory=reader.text("backstory"),
        llm=reader.text("llm"),
        temperature=_temperature(reader),
        tools=reader.tools(tools),
        max_iter=reader.whole("max_iter", 25),
        allow_delegation=reader.flag("allow_delegation"),
    )


def _temperature(reader: Reader) -> float:
    value = reader.number("temperature", 0.0)
    if 0 <= value <= 2:
        return value
    reader.findings.problem(reader.place("temperature"), "out_of_range", "Set the temperature between 0 and 2.")
    return 0.0


def _task(entry: Entry, tools: Collection[str], findings: Findings) -> TaskSpec:
    reader = Reader(f"tasks.{entry.key}", entry, TASK_FIELDS, findings)
    return TaskSpec(
        name=entry.key,
        description=reader.text("description"),
        expected_output=reader.text("expected_output"),
        agent=reader.text("agent"),
        context=tuple(name for name, _ in reader.names("context")) if reader.raw("context") is not None else None,
        tools=reader.tools(tools),
        async_execution=reader.flag("async_execution"),
        markdown=reader.flag("markdown"),
        human_input=reader.flag("human_input"),
        guardrail=_guardrail(reader),
        guardrail_max_retries=reader.whole("guardrail_max_retries", reader.whole("max_retries", 3)),
        **_output(reader),
    )


def _guardrail(reader: Reader) -> str:
    rules = [
        rule
        for key in ("guardrail", "guardrails")
        for rule, place in reader.names(key)
        if _is_rule(reader, rule, place)
    ]
    return rules[0] if len(rules) == 1 else "\n".join(f"- {rule.strip()}" for rule in rules)


def _is_rule(reader: Reader, rule: str, place: Place) -> bool:
    """A bare name is a Python function of the project that the file came from."""
    if not IDENTIFIER.fullmatch(rule.strip()):
        return True
    reader.findings.notice(
        place,
        f"The guardrail “{rule}” is left out: a Python function cannot travel in a file. Write the rule in words.",
    )
    return False


def _output(reader: Reader) -> dict[str, Any]:
    """Of `output_json` and `output_pydantic`, each may be an inline JSON Schema or the name of a Python class."""
    given = [key for key in ("output_json", "output_pydantic") if reader.raw(key) is not None]
    if len(given) > 1:
        reader.findings.problem(reader.place(given[1]), "two_outputs", "Set output_json or output_pydantic, not both.")
    if not given:
        return {}
    key, value = given[0], reader.raw(given[0])
    kind = {"output_kind": key.removeprefix("output_")}
    if isinstance(value, CommentedMap):
        reader.findings.places[f"{reader.path}.output_schema"] = reader.place(key)
        schema = plain(value)
        return kind | {"output_schema": schema, "output_name": str(schema.get("title") or "")}
    name = reader.text(key)
    reader.findings.notice(
        reader.place(key),
        f"“{name}” is kept as a name: the Python class behind it cannot travel in a file, so the answer is free text. "
        "Write the JSON Schema here to have it checked.",
    )
    return kind | {"output_name": name}


def _inputs(spec: CrewSpec) -> tuple[InputSpec, ...]:
    parts: list[AgentSpec | TaskSpec] = [*spec.tasks, *spec.agents]
    texts = (text for part in parts for _, text in part.texts())
    return tuple(InputSpec(name=name) for name in dict.fromkeys(name for text in texts for name in placeholders(text)))


def _check(spec: CrewSpec, tools: Collection[str], findings: Findings) -> None:
    for problem in (*_too_long(spec), *check(spec, tools=tools)):
        place = findings.place(problem.path, _file_of(problem))
        findings.problems.append(FileProblem(place, problem.code, problem.detail))


def _too_long(spec: CrewSpec) -> Iterator[Problem]:
    """What no column of the workspace holds."""
    named = [("manager_llm", spec.manager_llm, MODEL_LIMIT)]
    named += [(f"agents.{agent.name}.llm", agent.llm, MODEL_LIMIT) for agent in spec.agents]
    for task in spec.tasks:
        path = f"tasks.{task.name}"
        named += [(f"{path}.llm", task.llm, MODEL_LIMIT), (f"{path}.condition", task.condition, CONDITION_LIMIT)]
        named += [(f"{path}.output_{task.output_kind}", task.output_name, NAME_LIMIT)]
    yield from (Problem(path, "too_long", too_long(text, most)) for path, text, most in named if len(text) > most)


def _file_of(problem: Problem) -> Place:
    return Place("agents.yaml" if problem.path.startswith("agents") else "tasks.yaml")
