"""What an expression of a policy sees: columns of the batch, and single values for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from simulations.engine.decisions import Word
from simulations.engine.expressions import Expression
from simulations.engine.expressions.nodes import Name, walk
from simulations.engine.randomness import Ints


def column_values(
    expression: Expression, fields: Mapping[str, NDArray[Any]], single: Mapping[str, Word], places: Ints | None
) -> dict[str, Any]:
    """The values of its names: of `fields` at `places` (None: all), else of `single`; words as their positions."""
    names = (node for node in walk(expression.tree) if isinstance(node, Name))
    return {name.key: _value(name, fields, single, places) for name in names}


def _value(
    name: Name, fields: Mapping[str, NDArray[Any]], single: Mapping[str, Word], places: Ints | None
) -> NDArray[Any] | Word:
    column = fields.get(name.key)
    if column is not None:
        return column if places is None else column[places]
    value = single[name.key]
    return name.kind.index(value) if isinstance(name.kind, tuple) and isinstance(value, str) else value
