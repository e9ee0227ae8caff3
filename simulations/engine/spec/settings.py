"""`parameters:` what whoever plays may set."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulations.engine.parameters import Parameter
from simulations.engine.spec.base import Key, Line, Note, Part, Scalar, in_words


class Setting(Part):
    """One parameter. `min` and `max` are inclusive; `choices` is for type `choice`, whose values are words.

    `live`: may be changed while it plays. An `int` or `float` without bounds has none; where it decides how many agents
    there are, the limits of the engine are tried with its largest value, so give one.
    """

    type: Literal["int", "float", "bool", "choice"]
    default: Scalar
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    label: Line | None = None
    help: Note = ""
    live: bool = False

    def declared(self, name: str) -> Parameter:
        """The same as the parameter that `settle_parameters` reads."""
        return Parameter(
            name=name,
            kind=self.type,
            default=self.default,
            label=self.label or in_words(name),
            help=self.help,
            minimum=self.min,
            maximum=self.max,
            step=self.step,
            choices=self.choices,
        )
