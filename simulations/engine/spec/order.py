"""The order in which things stand in a scenario, kept where a mapping has none: JSON columns and digests forget it.

It matters: agents are numbered by it, the first action is the one without consequence, a derived value sees those above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ORDERED = (
    ("parameters",), ("environment", "globals"), ("environment", "markets"), ("environment", "pools"), ("archetypes",),
    ("archetypes", "*", "state"), ("archetypes", "*", "derived"), ("observations",), ("observations", "*"), ("actions",),
    ("actions", "*", "args"), ("policies",), ("assign",), ("metrics",), ("sweep", "grid"),
)  # fmt: skip


def ordered(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec as plain data with its mappings in the order that its `order` says, and with `order` saying all of it.

    What `order` does not name stands after what it names, as it was; names that are not there are left out.
    """
    said = spec.get("order")
    wanted = (
        {path: names for path, names in said.items() if isinstance(names, list)} if isinstance(said, Mapping) else {}
    )
    arranged: dict[str, Any] = dict(_arranged(spec, (), wanted))
    arranged.pop("order", None)
    order = {".".join(path): list(found) for path, found in _mappings(arranged) if len(found) > 1}
    return {**arranged, "order": order} if order else arranged


def _arranged(node: Any, path: tuple[str, ...], wanted: Mapping[str, list[Any]]) -> Any:
    if not isinstance(node, Mapping) or len(path) > 3:
        return node
    names = [name for name in wanted.get(".".join(path), ()) if isinstance(name, str) and name in node]
    return {name: _arranged(node[name], (*path, name), wanted) for name in dict.fromkeys([*names, *node])}


def _mappings(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for pattern in ORDERED:
        yield from _matching(spec, (), pattern)


def _matching(
    node: Any, path: tuple[str, ...], pattern: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(node, Mapping):
        return
    if not pattern:
        yield path, node
        return
    for name in node if pattern[0] == "*" else pattern[:1]:
        if name in node:
            yield from _matching(node[name], (*path, name), pattern[1:])
