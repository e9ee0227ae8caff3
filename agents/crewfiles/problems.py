"""What is wrong with a file, and where. Lines and columns count from 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FileName = Literal["agents.yaml", "tasks.yaml", "crew.yaml"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    file: FileName
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Something that must be changed in the file; `detail` says what to do."""

    place: Place
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was read differently from how CrewAI reads it, or left out."""

    place: Place
    detail: str


class CrewFilesInvalid(Exception):
    """The files do not describe a crew that can run here."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))
