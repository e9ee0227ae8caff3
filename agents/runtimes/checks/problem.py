"""One thing that is wrong, and the words that several checks use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` as in `tasks.research.agent`; `detail` is for a person."""

    path: str
    code: str
    detail: str


def parts(spec: CrewSpec) -> Iterator[tuple[str, AgentSpec | TaskSpec]]:
    """Agents and tasks with their paths."""
    yield from ((f"agents.{agent.name}", agent) for agent in spec.agents)
    yield from ((f"tasks.{task.name}", task) for task in spec.tasks)


def known(names: set[str]) -> str:
    return f"It has {', '.join(f'“{name}”' for name in sorted(names))}." if names else "It has none."


def size(text: str) -> int:
    return len(text.encode())


def too_long(text: str, limit: int) -> str:
    return f"This text has {size(text):,} bytes; at most {limit:,} are allowed. Put long material into a document."
