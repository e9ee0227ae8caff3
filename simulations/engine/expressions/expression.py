"""An expression that was read and checked, ready to be worked out one by one or for whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations.engine.expressions.building import NUMERIC, Builder, settled
from simulations.engine.expressions.grammar import read
from simulations.engine.expressions.nodes import Name, Node, Number, Past, Truth, Word, walk
from simulations.engine.expressions.refusals import ExpressionRefused
from simulations.engine.expressions.scalars import Scalar, Value, compile_scalar
from simulations.engine.expressions.scope import Kind, Scope, kind_in_words

if TYPE_CHECKING:
    from simulations.engine.expressions.columns import Columns


@dataclass(frozen=True, slots=True)
class PastValue:
    """`function` is `lag` (the value some steps ago, 0: now) or `mean_of` (the mean of the latest ones, that of now among them).

    Its value is given under `key`.
    """

    key: str
    function: str
    slot: str
    tree: Node

    def steps(self, parameters: Mapping[str, Any]) -> int:
        """How many steps; raises ExpressionFailed where these parameters give no number."""
        return round(float(compile_scalar(self.tree, self.key, None, coded=False)(parameters)))


@dataclass(frozen=True, slots=True)
class Expression:
    """`draws` is how many random numbers one evaluation takes; their sites are 0 … draws-1, from the left."""

    text: str
    tree: Node
    draws: int

    @property
    def kind(self) -> Kind:
        return self.tree.kind

    @property
    def names(self) -> frozenset[str]:
        """Everything whose value must be given, by its spelling; past values as `lag(wealth,1)`, which `past` takes apart."""
        return frozenset(node.key for node in walk(self.tree) if isinstance(node, Name | Past))

    @property
    def past(self) -> tuple[PastValue, ...]:
        """Values of earlier steps that it looks at."""
        found = {node.key: node for node in walk(self.tree) if isinstance(node, Past)}
        return tuple(PastValue(key, node.function, node.slot, node.steps) for key, node in found.items())

    @property
    def constant(self) -> Value | None:
        """Its value, where the text is a single number, word or yes/no."""
        return self.tree.value if isinstance(self.tree, Number | Truth | Word) else None

    def scalar(self, order: Sequence[str] | None = None, *, coded: bool = False) -> Scalar:
        """A function of a mapping by name, or with `order` of a sequence; see `compile_scalar`."""
        return compile_scalar(self.tree, self.text, order, coded=coded)

    def columns(self) -> Columns:
        """A function of a mapping from names to numpy arrays; see `compile_columns`."""
        from simulations.engine.expressions.columns import compile_columns  # noqa: PLC0415 - checking needs no NumPy

        return compile_columns(self.tree, self.text)


def parse(text: str | float, scope: Scope, *, wants: Kind | None = None) -> Expression:
    """Read and check one expression; a number or yes/no out of YAML counts as its text. Raises ExpressionRefused.

    `wants` is the kind that must come out; a number may also be asked of yes or no, which count 1 and 0.
    """
    source = _spelt(text)
    builder = Builder(scope)
    tree = builder.build(read(source))
    if wants is not None:
        tree = _fitting(tree, wants)
    return Expression(source, tree, builder.draws)


def _spelt(text: str | float) -> str:
    if isinstance(text, bool):
        return "true" if text else "false"
    return text if isinstance(text, str) else repr(text)


def _fitting(tree: Node, wants: Kind) -> Node:
    tree = settled(tree, wants)
    if tree.kind == wants or (wants == "number" and tree.kind in NUMERIC):
        return tree
    raise ExpressionRefused(f"This must give {kind_in_words(wants)}; it gives {kind_in_words(tree.kind)}.")
