"""When a circuit opens and closes, and the same in process memory for the time that Redis is away.

A circuit is closed (calls pass), open (calls are refused until a moment) or half-open (one call at a time passes, as a probe).
`circuit.lua` is this algorithm on Redis; tests/guards/test_breaker_model.py holds both to one plain model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agents.llm.guards import Outcome

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Rules:
    """Times in milliseconds. `jitter` is the share by which an open time may be shorter or longer.

    A probe that says nothing for `probe` (its process died) gives way to another; while one is out, others `look_again`.
    """

    window: int = 60_000
    bucket: int = 5_000
    enough: int = 10
    share: float = 0.5
    in_a_row: int = 5
    shortest: int = 5_000
    longest: int = 60_000
    jitter: float = 0.2
    told_most: int = 600_000
    probe: int = 30_000
    look_again: int = 1_000
    closes_after: int = 2
    forget: int = 120_000

    def open_time(self, trips: int, chance: float) -> int:
        """How long the `trips`-th opening in a row lasts (1 is the first); `chance` in 0 to 1 places it within the jitter."""
        whole = min(self.longest, self.shortest * 2 ** (trips - 1))
        return int(whole * (1 + self.jitter * (2 * chance - 1)))


class Verdict(NamedTuple):
    """May a call pass? `until`: of an open circuit. `probe` is set where the call is the one probe of a half-open circuit."""

    state: State
    until: int = 0
    probe: str = ""


@dataclass
class Circuit:
    """One circuit in memory. Every method takes `now` in milliseconds of one clock that does not run backwards."""

    rules: Rules
    open_until: int = 0
    trips: int = 0
    in_a_row: int = 0
    proved: int = 0
    probe: str = ""
    probe_until: int = 0
    touched: int = 0
    _buckets: dict[int, tuple[int, int]] = field(default_factory=dict)

    def look(self, now: int) -> Verdict:
        """What `enter` would say, without taking the probe."""
        if not self.open_until:
            return Verdict("closed")
        if now < self.open_until:
            return Verdict("open", self.open_until)
        if self.probe and now < self.probe_until:
            return Verdict("open", min(self.probe_until, now + self.rules.look_again))
        return Verdict("half_open")

    def enter(self, now: int, token: str) -> Verdict:
        """May a call pass now? A half-open circuit gives its one probe to `token`."""
        verdict = self.look(now)
        if verdict.state != "half_open":
            return verdict
        self.probe, self.probe_until, self.touched = token, now + self.rules.probe, now
        return Verdict("half_open", probe=token)

    def note(self, now: int, outcome: Outcome, *, probe: str, told: int, chance: float) -> bool:
        """Take in how a call ended; true where the circuit opened by it. `told`: milliseconds that a Retry-After asked for.

        While the circuit is not closed only its probe counts: what else comes in began before it opened.
        """
        self.touched = now
        if self.open_until and (not probe or probe != self.probe):
            return self._told(now, told)
        if probe and probe != self.probe:
            return False
        self.probe = ""
        if outcome == "ignore":
            return False
        if self.open_until:
            return self._probed(now, outcome, told, chance)
        return self._counted(now, outcome, told, chance)

    def is_forgotten(self, now: int) -> bool:
        return now > max(self.touched, self.open_until) + self.rules.forget

    def _told(self, now: int, told: int) -> bool:
        if told:
            self.open_until = max(self.open_until, now + min(told, self.rules.told_most))
        return False

    def _probed(self, now: int, outcome: Outcome, told: int, chance: float) -> bool:
        if outcome == "fail":
            return self._open(now, told, chance)
        self.proved += 1
        if self.proved >= self.rules.closes_after:
            self.open_until = self.trips = self.in_a_row = self.proved = 0
            self._buckets.clear()
        return False

    def _counted(self, now: int, outcome: Outcome, told: int, chance: float) -> bool:
        here = now // self.rules.bucket
        calls, failed = self._buckets.get(here, (0, 0))
        self._buckets[here] = (calls + 1, failed + (outcome == "fail"))
        self.in_a_row = self.in_a_row + 1 if outcome == "fail" else 0
        is_bad = self._is_bad(here)
        if outcome == "fail" and (told or is_bad):
            return self._open(now, told, chance)
        return False

    def _is_bad(self, here: int) -> bool:
        oldest = here - self.rules.window // self.rules.bucket
        self._buckets = {place: counts for place, counts in self._buckets.items() if place > oldest}
        calls = sum(counts[0] for counts in self._buckets.values())
        failed = sum(counts[1] for counts in self._buckets.values())
        enough = calls >= self.rules.enough and failed >= calls * self.rules.share
        return enough or self.in_a_row >= self.rules.in_a_row

    def _open(self, now: int, told: int, chance: float) -> bool:
        if told:
            self.open_until = now + min(told, self.rules.told_most)
        else:
            self.trips += 1
            self.open_until = now + self.rules.open_time(self.trips, chance)
        self.proved = self.in_a_row = 0
        self._buckets.clear()
        return True
