"""A picture of a run: what its row says of it, and the bytes that lie beside the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from agents.llm.types import Image


@dataclass(frozen=True, slots=True)
class Reference:
    """What is stored in rows: `name` is for people, `sha256` finds the bytes. Sizes in bytes and pixels."""

    name: str
    media_type: str
    size: int
    width: int
    height: int
    sha256: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(**row)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Picture:
    reference: Reference
    data: bytes = field(repr=False)

    def shown(self) -> Image:
        """As a model is shown it."""
        told = self.reference
        return Image(told.media_type, self.data, told.width, told.height, told.sha256)
