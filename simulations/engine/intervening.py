"""What people do to a play from outside, checked when it is asked for and done at the start of its step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from agents.protocol.errors import BadMessage
from agents.protocol.messages import encoded
from simulations.engine.errors import SimulationError
from simulations.engine.interventions import Intervention
from simulations.engine.spec import ScenarioSpec

if TYPE_CHECKING:
    from simulations.engine.world.contract import World

EVERYONE = "all"
MOST_TEXT = 2_000


class InterventionRefused(SimulationError):
    """Something that cannot be done to this play; `path` says what is wrong with it."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(detail)
        self.path = path


def check(act: Intervention, spec: ScenarioSpec, world: World) -> None:
    """Raises InterventionRefused."""
    _CHECKS[act.kind](act, spec, world)


def _parameter(act: Intervention, spec: ScenarioSpec, world: World) -> None:
    declared = spec.parameters.get(act.target)
    if declared is None or not declared.live:
        live = ", ".join(name for name, each in spec.parameters.items() if each.live) or "none"
        raise InterventionRefused("target", f"“{act.target}” cannot be changed while it plays; what can: {live}.")
    try:
        declared.declared(act.target).check(act.value)
    except ValueError as fault:
        raise InterventionRefused("value", str(fault)) from None


def _event(act: Intervention, spec: ScenarioSpec, world: World) -> None:
    environment = spec.environment
    known = [f"global.{name}" for name in environment.globals] + [f"pool.{name}" for name in environment.pools]
    if _global(act.target) not in known:
        raise InterventionRefused(
            "target", f"There is no “{act.target}” to change; there are: {', '.join(known) or 'none'}."
        )
    if not isinstance(act.value, bool | int | float) or not math.isfinite(act.value):
        raise InterventionRefused("value", "An event gives a number, or yes or no.")


def _message(act: Intervention, spec: ScenarioSpec, world: World) -> None:
    if act.target != EVERYONE:
        _row(act, world)
    if not isinstance(act.value, str) or not 0 < len(act.value) <= MOST_TEXT:
        raise InterventionRefused("value", f"A message is a text of at most {MOST_TEXT:,} characters.")
    try:
        encoded(act.value)
    except BadMessage as refused:
        raise InterventionRefused("value", refused.detail) from None


def _seat(act: Intervention, spec: ScenarioSpec, world: World) -> None:
    _row(act, world)
    if not isinstance(act.value, bool):
        raise InterventionRefused("value", "A seat is taken (true) or left (false).")


_CHECKS: dict[str, Any] = {"parameter": _parameter, "event": _event, "message": _message, "seat": _seat}


def _row(act: Intervention, world: World) -> int:
    row = int(act.target) if act.target.isdecimal() and len(act.target) < 12 else -1
    if not (0 <= row < world.state.rows and world.state["alive"][row]):
        raise InterventionRefused("target", f"There is no agent {act.target!r}.")
    return row


def _global(target: str) -> str:
    return target if "." in target else f"global.{target}"


def carry_out(act: Intervention, world: World, seats: set[int]) -> None:
    """Do it; what it concerns may be gone by now, and then nothing happens."""
    if act.kind == "parameter":
        world.change(act.target, act.value)
    elif act.kind == "event":
        world.share(_global(act.target), float(act.value))
    elif act.kind == "seat":
        (seats.add if act.value else seats.discard)(int(act.target))
    else:
        world.tell(None if act.target == EVERYONE else int(act.target), str(act.value))
