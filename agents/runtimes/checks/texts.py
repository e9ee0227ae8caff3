"""Names and texts: what can be kept, read and filled."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from agents.runtimes.checks.problem import Problem, parts, size, too_long
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec, placeholders

TEXT_LIMIT = 100_000
ROLE_LIMIT = 1_000
INPUT_LIMIT = 100_000
NAME_LIMIT = 100
NAME = re.compile(rf"[\w][\w \-]{{0,{NAME_LIMIT - 1}}}")


def bad_characters(spec: CrewSpec) -> Iterator[Problem]:
    """Text that no database and no model takes: NUL, and halves of characters."""
    for path, part in (("crew", spec.model_copy(update={"agents": (), "tasks": ()})), *parts(spec)):
        if not _writable(part.model_dump()):
            detail = "A text holds a NUL or half of a character. Remove it, for instance by typing the text anew."
            yield Problem(path if _writable(path) else path.partition(".")[0], "bad_character", detail)


def _writable(node: Any) -> bool:
    try:
        text = json.dumps(node, ensure_ascii=False)
        return "\\u0000" not in text and bool(text.encode())
    except (UnicodeEncodeError, RecursionError):
        return False


def bad_names(spec: CrewSpec) -> Iterator[Problem]:
    for path, part in parts(spec):
        if not NAME.fullmatch(part.name):
            yield Problem(path, "bad_name", f"A name has 1 to {NAME_LIMIT} letters, digits, spaces, “-” or “_”.")
    yield from _duplicates("agents", (agent.name for agent in spec.agents))
    yield from _duplicates("tasks", (task.name for task in spec.tasks))


def _duplicates(group: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(
                f"{group}.{name}", "duplicate", f"{count} {group} are called “{name}”. Give each its own name."
            )


def bad_texts(spec: CrewSpec) -> Iterator[Problem]:
    declared = {given.name for given in spec.inputs}
    for path, part in parts(spec):
        for field, text in part.texts():
            yield from _bad_text(f"{path}.{field}", field, text)
            for name in placeholders(text):
                if name not in declared | _asked(part):
                    yield Problem(f"{path}.{field}", "undeclared_input", _undeclared(name))


def _bad_text(path: str, field: str, text: str) -> Iterator[Problem]:
    limit = ROLE_LIMIT if field == "role" else TEXT_LIMIT
    if not text.strip() and field not in {"backstory", "guardrail"}:
        yield Problem(path, "empty", f"Write the {field.replace('_', ' ')}.")
    if size(text) > limit:
        yield Problem(path, "too_long", too_long(text, limit))


def _asked(part: AgentSpec | TaskSpec) -> set[str]:
    return {given.name for given in part.ask_input} if isinstance(part, TaskSpec) else set()


def _undeclared(name: str) -> str:
    return f"“{{{name}}}” is not among the inputs of this crew. Add the input “{name}”, or remove the braces."
