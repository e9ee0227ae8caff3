"""Presets, published results and sweeps: parameters within their ranges, known names, and not too many plays."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.engine.spec.base import Scalar
from simulations.engine.spec.faults import Faults
from simulations.engine.spec.limits import Limits
from simulations.engine.spec.promises import Expectation, Sampled, Sweep
from simulations.engine.spec.scopes import Scopes


def check_promises(faults: Faults, scopes: Scopes, limits: Limits) -> None:
    names = [preset.name for preset in scopes.spec.presets]
    for number, preset in enumerate(scopes.spec.presets):
        if preset.name in names[:number]:
            faults.at("presets", number, "name").add("duplicate", f"Two presets are called “{preset.name}”.")
        _check_values(faults.at("presets", number, "parameters"), scopes, preset.parameters)
    for number, expected in enumerate(scopes.spec.expect):
        _check_expectation(faults.at("expect", number), scopes, expected, limits)
    if scopes.spec.sweep:
        _check_sweep(faults.at("sweep"), scopes, scopes.spec.sweep, limits)


def _check_expectation(faults: Faults, scopes: Scopes, expected: Expectation, limits: Limits) -> None:
    _check_values(faults.at("when"), scopes, expected.when)
    faults.at("metric").known(expected.metric, scopes.spec.metrics, "metric")
    faults.at("policy").known(expected.policy, scopes.spec.policies, "policy")
    if expected.between[0] > expected.between[1]:
        faults.at("between").add("order", "The smaller number comes first.")
    if expected.steps is not None and expected.steps > limits.steps:
        faults.at("steps").add("too_many", f"A play may have at most {limits.steps:,} steps.")


def _check_values(faults: Faults, scopes: Scopes, values: Mapping[str, Scalar]) -> None:
    for name, value in values.items():
        _check_value(faults.at(name), scopes, name, value)


def _check_value(faults: Faults, scopes: Scopes, name: str, value: Scalar) -> None:
    if not faults.known(name, scopes.spec.parameters, "parameter"):
        return
    try:
        scopes.spec.parameters[name].declared(name).check(value)
    except ValueError as fault:
        faults.add("out_of_range", str(fault))


def _check_sweep(faults: Faults, scopes: Scopes, sweep: Sweep, limits: Limits) -> None:
    ways = [way for way in ("grid", "list", "latin_hypercube", "sobol") if getattr(sweep, way) is not None]
    if len(ways) != 1:
        faults.add("one_of", "A sweep is exactly one of grid, list, latin_hypercube and sobol.")
        return
    for name, values in (sweep.grid or {}).items():
        for number, value in enumerate(values):
            _check_value(faults.at("grid", name, number), scopes, name, value)
    for number, point in enumerate(sweep.list or ()):
        _check_values(faults.at("list", number), scopes, point)
    for way in ("latin_hypercube", "sobol"):
        _check_ranges(faults.at(way, "ranges"), scopes, getattr(sweep, way))
    runs = sweep.points * sweep.seeds
    if runs > limits.sweep_runs:
        detail = f"{sweep.points:,} points with {sweep.seeds:,} seeds are {runs:,} plays; at most {limits.sweep_runs:,} are allowed."
        faults.add("too_many", detail)


def _check_ranges(faults: Faults, scopes: Scopes, sampled: Sampled | None) -> None:
    for name, (low, high) in (sampled.ranges if sampled else {}).items():
        setting = scopes.spec.parameters.get(name)
        if setting and setting.type not in {"int", "float"}:
            faults.at(name).add("kind", f"“{name}” has no range; only numbers have one.")
            continue
        for number, value in enumerate((low, high)):
            whole = setting is not None and setting.type == "int" and float(value).is_integer()
            _check_value(faults.at(name, number), scopes, name, int(value) if whole else value)
