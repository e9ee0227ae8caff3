"""What parameters and metrics are called where people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from simulations.library import find_definition, metrics_told
from simulations.sweeps.models import Sweep
from simulations.sweeps.queries import CellResult


@dataclass(frozen=True, slots=True)
class Labels:
    """`parameters` has every axis of the sweep; `metrics` those that the scenario still knows."""

    parameters: Mapping[str, str]
    metrics: Mapping[str, str]


def labels_of(sweep: Sweep) -> Labels:
    """The names themselves where the scenario is gone, or where it calls two of them alike."""
    spec = find_definition(sweep.scenario) if sweep.scenario else None
    if spec is None:
        return Labels({axis: axis for axis in sweep.axes}, {})
    called = {each.name: each.label for each in spec.declared()}
    found = {axis: called.get(axis, axis) for axis in sweep.axes}
    if len(set(found.values())) < len(found):
        found = {axis: axis for axis in sweep.axes}
    return Labels(found, {each.name: each.label for each in metrics_told(spec)})


def renamed(cells: Sequence[CellResult], labels: Mapping[str, str]) -> list[CellResult]:
    """The same results under the labels of their parameters."""
    return [
        replace(cell, parameters={labels[name]: value for name, value in cell.parameters.items()}) for cell in cells
    ]
