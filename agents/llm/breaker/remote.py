"""The circuits that all processes share, in Redis: one script, so that no two processes decide at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, cast

from agents.llm.breaker.rules import Leave, Rules, Verdict
from agents.llm.guards import Outcome
from agents.llm.shared import Script, SharedMemory

_SCRIPT = Script(Path(__file__).with_name("circuit.lua").read_text())


class Ended(NamedTuple):
    """What is told of one circuit when a call has ended. `told`: milliseconds that a Retry-After asked for."""

    name: str
    outcome: Outcome
    probe: str
    told: int = 0
    trial: str = ""

    @property
    def words(self) -> tuple[str, str, int, str]:
        return self.outcome, self.probe, self.told, self.trial


class RemoteCircuits:
    """Circuits by name. Times are Redis's own unless `clock` (milliseconds) says otherwise. Every method raises Away."""

    def __init__(self, memory: SharedMemory, rules: Rules, *, clock: Callable[[], int] | None = None) -> None:
        self._memory = memory
        self._rules = json.dumps(asdict(rules))
        self._clock = clock

    async def enter(self, names: Sequence[str], token: str, *, waited: bool = False) -> list[Verdict]:
        """A verdict for each, `until` in milliseconds from now; nothing is taken unless every circuit lets the call pass."""
        now, found = await self._run(names, ["enter", self._rules, self._now(), token, int(waited)])
        return [_verdict(now, *each) for each in found]

    async def note(self, ended: Sequence[Ended], chance: float) -> list[bool]:
        """Take in how a call ended; for each circuit whether it opened by that."""
        told = [part for each in ended for part in each.words]
        _, found = await self._run([each.name for each in ended], ["note", self._rules, self._now(), chance, *told])
        return [bool(opened) for _, _, opened in found]

    async def look(self, names: Sequence[str]) -> list[Verdict]:
        """The state of each, changing nothing."""
        ended = [Ended(name, "ignore", "") for name in names]
        told = [part for each in ended for part in each.words]
        now, found = await self._run(names, ["note", self._rules, self._now(), 0.5, *told])
        return [_verdict(now, state, until) for state, until, _ in found]

    def _now(self) -> int | str:
        return self._clock() if self._clock else ""

    async def _run(self, names: Sequence[str], arguments: Sequence[Any]) -> Any:
        return json.loads(await _SCRIPT.run(self._memory, names, arguments))


def _verdict(now: int, state: str, until: int, probe: str = "", trial: str = "") -> Verdict:
    return Verdict(cast("Leave", state), max(0, int(until) - int(now)) if until else 0, probe, trial)
