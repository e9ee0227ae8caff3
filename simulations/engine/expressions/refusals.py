"""What is wrong with an expression: refused when it is read, failed when it is worked out."""

from __future__ import annotations

from simulations.engine.errors import SimulationError


class ExpressionRefused(SimulationError):
    """The text is not an expression of this language, or names what is not there; the sentence says what is allowed."""


class ExpressionFailed(SimulationError):
    """Worked out, it gave no number (division by zero, a root of less than nothing, too large). Nothing was applied.

    `row` is the first row for which it failed, where columns were worked out.
    """

    def __init__(self, text: str, reason: str, row: int | None = None) -> None:
        where = "" if row is None else f" (row {row})"
        super().__init__(f"“{text}” has no value{where}: {reason}.")
        self.text = text
        self.reason = reason
        self.row = row
