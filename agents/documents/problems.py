"""What is wrong with a manifest, and where."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `path` leads to it from the top of the document; `line` and `column` count from 1."""

    path: Path
    code: str
    detail: str
    line: int | None = None
    column: int | None = None

    @property
    def field(self) -> str:
        """The path as people write it: `spec.tasks[2].agent`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.removeprefix(".").encode("utf-8", "replace").decode()

    @property
    def sentence(self) -> str:
        where = f"line {self.line}, column {self.column}: " if self.line else ""
        subject = f"{self.field}: " if self.path else ""
        return f"{where}{subject}{self.detail}"


class ManifestError(Exception):
    """A manifest that cannot be accepted; `problems` holds at least one fault, in document order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems
