"""A Manifest as the YAML that a person would have written: sections in their usual order, long texts as blocks, defaults left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.documents.scalars import scalar
from agents.documents.writing import as_written, dump
from marketplace.manifest.canonical import as_document
from marketplace.manifest.envelope import Manifest
from simulations.engine.spec import AbmSpec

FIRST = ("kind", "name", "tool", "access", "host", "provider")
LAST = ("why",)


def write_yaml(manifest: Manifest) -> str:
    """Reading it again gives an equal manifest, and so an equal digest."""
    return dump({name: _part(manifest, name, part) for name, part in _top(manifest)})


def _part(manifest: Manifest, name: str, part: Any) -> Any:
    """The order in a whole scenario is part of what it says, and so is written, not told."""
    if name != "spec" or not isinstance(manifest.spec, AbmSpec):
        return _styled(part)
    return as_written({key: value for key, value in part.items() if key != "order"})


def _top(manifest: Manifest) -> Iterable[tuple[str, Any]]:
    document = as_document(manifest)
    return ((name, document[name]) for name in ("apiVersion", *document) if name in document)


def _styled(node: Any) -> Any:
    if isinstance(node, dict):
        return {scalar(name): _styled(node[name]) for name in _in_order(node)}
    if isinstance(node, list):
        return [_styled(value) for value in node]
    return scalar(node) if isinstance(node, str) else node


def _in_order(node: dict[str, Any]) -> list[str]:
    """Names before what is said of them, reasons at the end."""
    return sorted(node, key=lambda name: (name in LAST, name not in FIRST))
