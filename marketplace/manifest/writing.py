"""A Manifest as the YAML that a person would have written: sections in their usual order, long texts as blocks, defaults left out."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from marketplace.manifest.canonical import as_document
from marketplace.manifest.envelope import Manifest

LINE_WIDTH = 140
FIRST = ("kind", "name", "tool", "access", "host", "provider")
LAST = ("why",)


def write_yaml(manifest: Manifest) -> str:
    """Reading it again gives an equal manifest, and so an equal digest."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = LINE_WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump({name: _styled(part) for name, part in _top(manifest)}, stream)
    return stream.getvalue()


def _top(manifest: Manifest) -> Iterable[tuple[str, Any]]:
    document = as_document(manifest)
    return ((name, document[name]) for name in ("apiVersion", *document) if name in document)


def _styled(node: Any) -> Any:
    if isinstance(node, dict):
        return {_scalar(name): _styled(node[name]) for name in _in_order(node)}
    if isinstance(node, list):
        return [_styled(value) for value in node]
    return _scalar(node) if isinstance(node, str) else node


def _in_order(node: dict[str, Any]) -> list[str]:
    """Names before what is said of them, reasons at the end."""
    return sorted(node, key=lambda name: (name in LAST, name not in FIRST))


def _scalar(text: str) -> str:
    """Block style for readable lines, quotes for what block style would change."""
    if "\n" in text and _fits_block(text):
        styled: str = LiteralScalarString(text)
    elif text.isprintable() and text == text.strip():
        styled = text
    else:
        styled = DoubleQuotedScalarString(text)
    return styled


def _fits_block(text: str) -> bool:
    lines = text.split("\n")
    return (
        bool(lines[0].strip())
        and not lines[0].startswith((" ", "\t"))
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )
