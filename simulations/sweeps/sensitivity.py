"""Whether a result hangs on how coarsely agents see: the scenario once more with finer and with coarser bins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from simulations.engine.errors import ParametersRefused, Refusal


@dataclass(frozen=True, slots=True)
class Variant:
    """The manifest with one observation changed; `name` says which and how, for people."""

    name: str
    definition: Mapping[str, Any]


def variants_of(definition: Mapping[str, Any]) -> tuple[Variant, ...]:
    """The manifest as it is, then each observation with bins once half and once twice as many.

    `round` has no halves: it loses or gains a digit. Raises ParametersRefused where nothing is binned.
    """
    found = [
        Variant(f"{archetype}.{name}: {word}", _with(definition, archetype, name, change))
        for archetype, observations in definition["spec"].get("observations", {}).items()
        for name, observation in observations.items()
        for word, change in _changes(observation)
    ]
    if not found:
        detail = (
            "No observation of this scenario has bins, round or levels, so there is nothing to make coarser or finer."
        )
        raise ParametersRefused([Refusal("observations", "no_bins", detail)])
    return (Variant("as declared", definition), *found)


def _changes(observation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if (edges := observation.get("bins")) is not None:
        if len(edges) > 1:
            yield "half the bins", {"bins": list(edges[1::2])}
        yield "twice the bins", {"bins": _doubled(edges)}
    if (levels := observation.get("levels")) is not None:
        if levels > 3:
            yield "half the levels", {"levels": levels // 2}
        yield "twice the levels", {"levels": levels * 2}
    if (digits := observation.get("round")) is not None:
        if digits > -12:
            yield "one digit less", {"round": digits - 1}
        yield "one digit more", {"round": digits + 1}


def _doubled(edges: Sequence[float]) -> list[float]:
    """Every bin between two edges in two halves."""
    if len(edges) == 1:
        return [edges[0] / 2, edges[0]] if edges[0] > 0 else [edges[0], edges[0] + 1]
    between = [(low + high) / 2 for low, high in pairwise(edges)]
    return sorted([*edges, *between])


def _with(definition: Mapping[str, Any], archetype: str, name: str, change: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(dict(definition))
    changed["spec"]["observations"][archetype][name] |= change
    return changed
