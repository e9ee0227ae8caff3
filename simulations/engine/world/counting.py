"""How many agents a world will have, before anything of it is made. Needs no NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.engine.errors import Refusal, SimulationError
from simulations.engine.parameters import Value
from simulations.engine.spec import LIMITS, AbmSpec, Limits
from simulations.engine.spec.scopes import Scopes, formula


class TooLarge(SimulationError):
    """More agents, steps or memory than there may be; `refusal` says where and what the limit is."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(path, "limit", detail)


def population(spec: AbmSpec, settings: Mapping[str, Value], limits: Limits = LIMITS) -> dict[str, int]:
    """How many agents of each archetype these parameters make. Raises TooLarge before anything is allocated."""
    scope = Scopes(spec).settings
    values = {**settings, **{f"param.{name}": value for name, value in settings.items()}}
    counts: dict[str, int] = {}
    for name, archetype in spec.archetypes.items():
        counts[name] = round(float(formula(archetype.count, scope).scalar()(values)))
        path = f"archetypes.{name}.count"
        if counts[name] < 0:
            raise TooLarge(path, f"There cannot be {counts[name]:,} agents.")
        if sum(counts.values()) > limits.agents:
            raise TooLarge(path, f"There would be {sum(counts.values()):,} agents; at most {limits.agents:,} may be.")
    return counts
