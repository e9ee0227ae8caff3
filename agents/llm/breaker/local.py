"""The circuits of one process, for the time that Redis is away."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from agents.llm.breaker.rules import Circuit, Rules, Verdict
from agents.llm.guards import Outcome

MOST_CIRCUITS = 4096


class LocalCircuits:
    """Circuits by name. Used from several threads; the longest unused go first when there are too many."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._lock = threading.Lock()
        self._circuits: OrderedDict[str, Circuit] = OrderedDict()

    def enter(self, names: Sequence[str], now: int, token: str, *, waited: bool = False) -> list[Verdict]:
        """A verdict for each; nothing is taken unless every circuit lets the call pass."""
        with self._lock:
            circuits = [self._circuit(name, now) for name in names]
            found = [circuit.may(now, waited=waited) for circuit in circuits]
            if any(verdict.state in {"open", "held"} for verdict in found):
                return found
            return [circuit.enter(now, token, waited=waited) for circuit in circuits]

    def look(self, names: Sequence[str], now: int) -> list[Verdict]:
        with self._lock:
            return [self._circuit(name, now).look(now) for name in names]

    def note(
        self, name: str, now: int, outcome: Outcome, *, probe: str, told: int, chance: float, trial: str = ""
    ) -> bool:
        with self._lock:
            return self._circuit(name, now).note(now, outcome, probe=probe, told=told, chance=chance, trial=trial)

    def hold_open(self, name: str, now: int, until: int) -> None:
        """Go on refusing what Redis refused when it was last heard."""
        with self._lock:
            circuit = self._circuit(name, now)
            circuit.open_until = max(circuit.open_until, until)
            circuit.trips = max(circuit.trips, 1)

    def _circuit(self, name: str, now: int) -> Circuit:
        circuit = self._circuits.get(name)
        if circuit is None or circuit.is_forgotten(now):
            circuit = self._circuits[name] = Circuit(self._rules, touched=now)
        self._circuits.move_to_end(name)
        if len(self._circuits) > MOST_CIRCUITS:
            self._circuits.popitem(last=False)
        return circuit
