"""Who wants to know when a play ends or rests: told in the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable

from simulations.models import Simulation

Listener = Callable[[Simulation], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Called once, from an app's ready(). A listener may only write rows and put work into the queue."""
    _listeners.append(listener)


def tell(simulation: Simulation) -> None:
    """The caller has locked the row and saved its new status."""
    for listener in _listeners:
        listener(simulation)
