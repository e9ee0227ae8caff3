"""What is wrong with a crew before it runs, each thing in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Container, Mapping

from agents.runtimes.checks import order, parts, people, strategies, texts
from agents.runtimes.checks.parts import AGENT_LIMIT, ITERATION_LIMIT, RETRY_LIMIT, TASK_LIMIT, unknown_classes
from agents.runtimes.checks.problem import Problem, size, too_long
from agents.runtimes.checks.schemas import SCHEMA_DEPTH, SCHEMA_LIMIT, bad_schema, is_storable
from agents.runtimes.checks.texts import INPUT_LIMIT, NAME_LIMIT, ROLE_LIMIT, TEXT_LIMIT
from agents.runtimes.spec import CrewSpec

__all__ = [
    "AGENT_LIMIT",
    "INPUT_LIMIT",
    "ITERATION_LIMIT",
    "NAME_LIMIT",
    "RETRY_LIMIT",
    "ROLE_LIMIT",
    "SCHEMA_DEPTH",
    "SCHEMA_LIMIT",
    "TASK_LIMIT",
    "TEXT_LIMIT",
    "Problem",
    "bad_schema",
    "check",
    "check_inputs",
    "is_storable",
    "unknown_classes",
]


def check(spec: CrewSpec, *, tools: Container[str]) -> list[Problem]:
    """Every reason why this crew cannot run, `tools` being the names that exist. Empty when it can."""
    if broken := list(texts.bad_characters(spec)):
        return broken
    return [
        *parts.numbers_of_parts(spec),
        *texts.bad_names(spec),
        *texts.bad_texts(spec),
        *parts.bad_agents(spec, tools),
        *parts.bad_tasks(spec, tools),
        *people.bad_questions(spec),
        *order.bad_contexts(spec),
        *order.bad_conditions(spec),
        *strategies.bad_strategy(spec),
    ]


def check_inputs(spec: CrewSpec, inputs: Mapping[str, str]) -> list[Problem]:
    """Inputs that are missing, unknown, or too long."""
    declared = {given.name: given.default for given in spec.inputs}
    missing = [name for name, default in declared.items() if default is None and not inputs.get(name)]
    unknown = [name for name in inputs if name not in declared]
    long = [name for name, value in inputs.items() if size(value) > INPUT_LIMIT]
    return [
        *(Problem(f"inputs.{name}", "missing", f"Give a value for “{name}”.") for name in missing),
        *(Problem(f"inputs.{name}", "unknown", f"This crew has no input “{name}”.") for name in unknown),
        *(Problem(f"inputs.{name}", "too_long", too_long(inputs[name], INPUT_LIMIT)) for name in long),
    ]
