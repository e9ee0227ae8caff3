"""Plain data as the YAML that a person would have written: in its order, long texts as blocks."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from agents.documents.scalars import scalar

LINE_WIDTH = 140


def write(document: dict[str, Any]) -> str:
    """Reading it again gives the same data in the same order."""
    return dump(as_written(document))


def as_written(node: Any) -> Any:
    """The data as the writer wants its texts."""
    if isinstance(node, dict):
        return {scalar(name): as_written(value) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [as_written(value) for value in node]
    return scalar(node) if isinstance(node, str) else node


def dump(styled: dict[str, Any], *, width: int = LINE_WIDTH) -> str:
    """The text of data that is styled already; lines are folded at `width` characters."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = width
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(styled, stream)
    return stream.getvalue()
