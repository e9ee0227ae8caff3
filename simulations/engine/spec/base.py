"""What every section of a scenario is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Formula = bool | int | float | str
"""An expression of `simulations.engine.expressions` as text, or a plain number, true or false that stands for itself.

Where a word is wanted (an enum slot, a choice) the bare word stands for itself too: `init: susceptible`.
"""
Condition = bool | str
Crowd = Annotated[str, Field(min_length=1, max_length=600)]
"""`neighbors [and self] [where E]`, `all [where E]` or `<archetype> [where E]`: see `expressions.Crowd`."""
Line = Annotated[str, Field(min_length=1, max_length=120)]
Note = Annotated[str, Field(max_length=1_000)]
Prose = Annotated[str, Field(max_length=20_000)]
Prompt = Annotated[str, Field(max_length=20_000)]
Probability = float | str
"""A formula that must give 0 to 1; checked where it is made of numbers and parameters, else when it is worked out."""
Scalar = bool | int | float | str


class Part(BaseModel):
    """A piece of a scenario: unknown names are refused, values are never converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, serialize_by_alias=True)


def in_words(name: str) -> str:
    """A name as a label: `mean_price` is “Mean price”."""
    return name.replace("_", " ").strip().capitalize()
