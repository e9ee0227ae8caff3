"""The library of scenarios: every module in this folder that defines `SCENARIO` is in the catalogue."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from simulations.engine.scenario import Scenario


@cache
def catalogue() -> Mapping[str, Scenario]:
    """All scenarios by key, in the order of their names."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    found = [module.SCENARIO for module in modules if hasattr(module, "SCENARIO")]
    return MappingProxyType({scenario.key: scenario for scenario in sorted(found, key=lambda each: each.name)})
