"""The language in which a scenario says numbers, conditions and crowds. Compiled once, to a lambda and to numpy columns.

Python's spelling of expressions, with nothing that could reach out or run for ever: no attributes but a few dotted names, no
indexing, no loops, no power, no functions but those listed. Texts up to 500 characters, 100 parts, 12 deep.
"""

from simulations.engine.expressions.aggregates import Crowd, parse_aggregate
from simulations.engine.expressions.expression import Expression, PastValue, parse
from simulations.engine.expressions.refusals import ExpressionFailed, ExpressionRefused
from simulations.engine.expressions.scope import RESERVED, Kind, Scope, Words, listed, suggestion

__all__ = [
    "RESERVED",
    "Crowd",
    "Expression",
    "ExpressionFailed",
    "ExpressionRefused",
    "Kind",
    "PastValue",
    "Scope",
    "Words",
    "listed",
    "parse",
    "parse_aggregate",
    "suggestion",
]
