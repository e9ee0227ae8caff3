"""What is wrong with a crew before it runs, each thing in a sentence that says what to do."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec, placeholders

TEXT_LIMIT = 100_000
ROLE_LIMIT = 1_000
INPUT_LIMIT = 100_000
SCHEMA_LIMIT = 50_000
SCHEMA_DEPTH = 40
TASK_LIMIT = 100
AGENT_LIMIT = 50
ITERATION_LIMIT = 100
RETRY_LIMIT = 10
NAME_LIMIT = 100
REFERENCES = {"$ref", "$dynamicRef"}
PATTERNS = {"pattern", "patternProperties"}
NAMING = {"properties", "$defs", "definitions", "dependentSchemas"}
NAME = re.compile(rf"[\w][\w \-]{{0,{NAME_LIMIT - 1}}}")


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` as in `tasks.research.agent`; `detail` is for a person."""

    path: str
    code: str
    detail: str


def check(spec: CrewSpec, *, tools: Container[str]) -> list[Problem]:
    """Every reason why this crew cannot run, `tools` being the names that exist. Empty when it can."""
    if broken := list(_characters(spec)):
        return broken
    return [
        *_sizes(spec),
        *_names(spec),
        *_duplicates("agents", (agent.name for agent in spec.agents)),
        *_duplicates("tasks", (task.name for task in spec.tasks)),
        *_texts(spec),
        *_agents(spec, tools),
        *_tasks(spec, tools),
        *_contexts(spec),
        *_order(spec),
        *_manager(spec),
    ]


def check_inputs(spec: CrewSpec, inputs: Mapping[str, str]) -> list[Problem]:
    """Inputs that are missing, unknown, or too long."""
    declared = {given.name: given.default for given in spec.inputs}
    missing = [name for name, default in declared.items() if default is None and not inputs.get(name)]
    unknown = [name for name in inputs if name not in declared]
    long = [name for name, value in inputs.items() if _size(value) > INPUT_LIMIT]
    return [
        *(Problem(f"inputs.{name}", "missing", f"Give a value for “{name}”.") for name in missing),
        *(Problem(f"inputs.{name}", "unknown", f"This crew has no input “{name}”.") for name in unknown),
        *(Problem(f"inputs.{name}", "too_long", _too_long(inputs[name], INPUT_LIMIT)) for name in long),
    ]


def _characters(spec: CrewSpec) -> Iterator[Problem]:
    """Text that no database and no model takes: NUL, and halves of characters."""
    for path, part in (("crew", spec.model_copy(update={"agents": (), "tasks": ()})), *_parts(spec)):
        if not _writable(part.model_dump()):
            detail = "A text holds a NUL or half of a character. Remove it, for instance by typing the text anew."
            yield Problem(path if _writable(path) else path.partition(".")[0], "bad_character", detail)


def _writable(node: Any) -> bool:
    try:
        text = json.dumps(node, ensure_ascii=False)
        return "\\u0000" not in text and bool(text.encode())
    except (UnicodeEncodeError, RecursionError):
        return False


def _sizes(spec: CrewSpec) -> Iterator[Problem]:
    if not spec.tasks:
        yield Problem("tasks", "empty", "This crew has no tasks. Add at least one task.")
    if not spec.agents:
        yield Problem("agents", "empty", "This crew has no agents. Add at least one agent.")
    if len(spec.tasks) > TASK_LIMIT:
        yield Problem("tasks", "too_many", f"A crew has at most {TASK_LIMIT} tasks; this one has {len(spec.tasks)}.")
    if len(spec.agents) > AGENT_LIMIT:
        yield Problem(
            "agents", "too_many", f"A crew has at most {AGENT_LIMIT} agents; this one has {len(spec.agents)}."
        )


def _names(spec: CrewSpec) -> Iterator[Problem]:
    for path, part in _parts(spec):
        if not NAME.fullmatch(part.name):
            yield Problem(path, "bad_name", f"A name has 1 to {NAME_LIMIT} letters, digits, spaces, “-” or “_”.")


def _duplicates(group: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(
                f"{group}.{name}", "duplicate", f"{count} {group} are called “{name}”. Give each its own name."
            )


def _parts(spec: CrewSpec) -> Iterator[tuple[str, AgentSpec | TaskSpec]]:
    """Agents and tasks with their paths."""
    yield from ((f"agents.{agent.name}", agent) for agent in spec.agents)
    yield from ((f"tasks.{task.name}", task) for task in spec.tasks)


def _texts(spec: CrewSpec) -> Iterator[Problem]:
    declared = {given.name for given in spec.inputs}
    for path, part in _parts(spec):
        for field, text in part.texts():
            limit = ROLE_LIMIT if field == "role" else TEXT_LIMIT
            if not text.strip() and field not in {"backstory", "guardrail"}:
                yield Problem(f"{path}.{field}", "empty", f"Write the {field.replace('_', ' ')}.")
            if _size(text) > limit:
                yield Problem(f"{path}.{field}", "too_long", _too_long(text, limit))
            for name in placeholders(text):
                if name not in declared:
                    yield Problem(f"{path}.{field}", "undeclared_input", _undeclared(name))


def _agents(spec: CrewSpec, tools: Container[str]) -> Iterator[Problem]:
    for agent in spec.agents:
        yield from _unknown_tools(f"agents.{agent.name}", agent.tools, tools)
        if not 1 <= agent.max_iter <= ITERATION_LIMIT:
            yield Problem(
                f"agents.{agent.name}.max_iter", "out_of_range", f"Set max_iter between 1 and {ITERATION_LIMIT}."
            )


def _tasks(spec: CrewSpec, tools: Container[str]) -> Iterator[Problem]:
    names = {agent.name for agent in spec.agents}
    for task in spec.tasks:
        path = f"tasks.{task.name}"
        yield from _unknown_tools(path, task.tools, tools)
        yield from _task_agent(path, task, names, needed=spec.process == "sequential")
        if not 0 <= task.guardrail_max_retries <= RETRY_LIMIT:
            yield Problem(
                f"{path}.guardrail_max_retries",
                "out_of_range",
                f"Set guardrail_max_retries between 0 and {RETRY_LIMIT}.",
            )
        if task.human_input:
            yield Problem(
                f"{path}.human_input", "not_available", "Runs cannot wait for a person yet. Set human_input to false."
            )
        if task.output_schema is not None:
            yield from _schema(f"{path}.output_schema", task.output_schema)


def _task_agent(path: str, task: TaskSpec, names: set[str], *, needed: bool) -> Iterator[Problem]:
    if not task.agent and needed:
        yield Problem(f"{path}.agent", "missing", f"Task “{task.name}” names no agent. Say which agent does it.")
    if task.agent and task.agent not in names:
        yield Problem(
            f"{path}.agent",
            "unknown_agent",
            f"Task “{task.name}” names the agent “{task.agent}”, which this crew does not have. {_known(names)}",
        )


def _unknown_tools(path: str, wanted: Iterable[str], tools: Container[str]) -> Iterator[Problem]:
    for name in wanted:
        if name not in tools:
            yield Problem(
                f"{path}.tools", "unknown_tool", f"There is no tool “{name}” here. Remove it or choose another."
            )


def _schema(path: str, schema: dict[str, Any]) -> Iterator[Problem]:
    if not is_storable(schema):
        detail = f"An output schema is at most {SCHEMA_LIMIT:,} bytes of JSON, nested at most {SCHEMA_DEPTH} deep."
        yield Problem(path, "too_long", detail)
        return
    if schema.get("type") != "object":
        yield Problem(path, "not_an_object", "An output schema describes a JSON object: set its type to “object”.")
    keywords = list(_keywords(schema))
    if any(not str(value).startswith("#") for key, value in keywords if key in REFERENCES):
        yield Problem(path, "remote_reference", "An output schema may only refer to its own parts (“#/…”).")
    if any(key in PATTERNS for key, _ in keywords):
        yield Problem(
            path, "pattern", "Patterns are not checked here, as a single one can hold up a worker. Remove them."
        )
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield Problem(path, "invalid_schema", f"This is not a JSON Schema: {error.message[:300]}.")


def is_storable(schema: dict[str, Any]) -> bool:
    """Whether it is JSON of a sensible size and depth."""
    try:
        return len(orjson.dumps(schema)) <= SCHEMA_LIMIT and _depth(schema) <= SCHEMA_DEPTH
    except TypeError:
        return False


def _depth(node: Any) -> int:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _keywords(node: Any, *, names: bool = False) -> Iterator[tuple[str, Any]]:
    """Keys and values of a schema; `names` is true inside `properties` and the like, where keys are not keywords."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not names:
                yield key, value
            yield from _keywords(value, names=not names and key in NAMING)
    elif isinstance(node, list):
        for value in node:
            yield from _keywords(value)


def _contexts(spec: CrewSpec) -> Iterator[Problem]:
    place = {task.name: index for index, task in enumerate(spec.tasks)}
    cyclic = _in_cycles(spec)
    for index, task in enumerate(spec.tasks):
        for name in task.context or ():
            path = f"tasks.{task.name}.context"
            if name not in place:
                yield Problem(
                    path, "unknown_task", f"The context of “{task.name}” names “{name}”, which is not a task."
                )
            elif name in cyclic and task.name in cyclic:
                yield Problem(path, "cycle", f"“{task.name}” and “{name}” wait for each other. Remove one of the two.")
            elif place[name] >= index:
                yield Problem(
                    path, "later_task", f"“{task.name}” needs “{name}”, which comes later. Put “{name}” before it."
                )


def _in_cycles(spec: CrewSpec) -> set[str]:
    """Tasks that wait, directly or not, for themselves: what is left after all others are taken away."""
    waits = {task.name: {name for name in task.context or () if _has_task(spec, name)} for task in spec.tasks}
    while free := {name for name, needs in waits.items() if not needs & waits.keys()}:
        waits = {name: needs for name, needs in waits.items() if name not in free}
    needed = set().union(*waits.values()) if waits else set()
    return waits.keys() & needed


def _has_task(spec: CrewSpec, task: str) -> bool:
    return any(known.name == task for known in spec.tasks)


def _order(spec: CrewSpec) -> Iterator[Problem]:
    """Limits of CrewAI on tasks that run side by side."""
    if len(spec.tasks) > 1 and spec.tasks[-1].async_execution and spec.tasks[-2].async_execution:
        yield Problem(
            f"tasks.{spec.tasks[-1].name}.async_execution",
            "async_end",
            "A crew ends with at most one asynchronous task. Add a task that joins their results.",
        )
    for task in spec.tasks:
        if task.async_execution:
            yield from _asynchronous(spec, task)


def _asynchronous(spec: CrewSpec, task: TaskSpec) -> Iterator[Problem]:
    path = f"tasks.{task.name}.async_execution"
    if spec.process == "hierarchical":
        yield Problem(
            path, "async_hierarchical", "A manager gives out one task at a time. Set async_execution to false."
        )
    if any(agent.allow_delegation for agent in spec.agents if agent.name == task.agent):
        yield Problem(
            path,
            "async_delegation",
            f"“{task.name}” runs beside others, so “{task.agent}” cannot delegate. Choose one.",
        )
    group = _group_before(spec, task)
    for name in task.context or ():
        if name in group:
            yield Problem(
                f"tasks.{task.name}.context",
                "async_context",
                f"“{task.name}” runs beside “{name}” and cannot wait for it. Make one of them synchronous.",
            )


def _group_before(spec: CrewSpec, task: TaskSpec) -> set[str]:
    group: set[str] = set()
    for other in spec.tasks:
        if other.name == task.name:
            break
        group = group | {other.name} if other.async_execution else set()
    return group


def _manager(spec: CrewSpec) -> Iterator[Problem]:
    names = {agent.name for agent in spec.agents}
    if not spec.manager:
        return
    if spec.manager not in names:
        yield Problem("manager", "unknown_agent", f"The manager “{spec.manager}” is not an agent. {_known(names)}")
    elif spec.agent(spec.manager).tools:
        yield Problem(
            "manager", "manager_tools", f"A manager only delegates. Take the tools away from “{spec.manager}”."
        )
    elif spec.process == "hierarchical" and len(spec.agents) == 1:
        yield Problem("manager", "alone", "A manager needs at least one other agent to give work to.")


def _known(names: set[str]) -> str:
    return f"It has {', '.join(f'“{name}”' for name in sorted(names))}." if names else "It has none."


def _undeclared(name: str) -> str:
    return f"“{{{name}}}” is not among the inputs of this crew. Add the input “{name}”, or remove the braces."


def _too_long(text: str, limit: int) -> str:
    return f"This text has {_size(text):,} bytes; at most {limit:,} are allowed. Put long material into a document."


def _size(text: str) -> int:
    return len(text.encode())
