"""When a circuit opens and closes, and the same in process memory for the time that Redis is away.

A circuit is closed (calls pass), open (calls are refused until a moment) or half-open (one call at a time passes, as a probe). A closed one
that has answered nobody of late, or failed last, lets a few calls try it; the others are held until one of those has ended.
`circuit.lua` is this algorithm on Redis; tests/guards/test_breaker_model.py holds both to one plain model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agents.llm.guards import Outcome

State = Literal["closed", "open", "half_open"]
Leave = Literal["closed", "open", "half_open", "held"]


@dataclass(frozen=True, slots=True)
class Rules:
    """Times in milliseconds. `jitter` is the share by which an open time may be shorter or longer.

    A probe that says nothing for `probe` (its process died) gives way to another; while one is out, others `look_again`.

    At most `trials` calls try at once what is not proved, one fewer for each failure in a row. A slow answer is no bad one: where nothing has
    failed, a call that is out for `trial` makes room, and nobody is held longer. After a failure, one that is out for `trial_failing` does.
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
    trials: int = 8
    trial: int = 400
    trial_failing: int = 5_000
    forget: int = 120_000

    def open_time(self, trips: int, chance: float) -> int:
        """How long the `trips`-th opening in a row lasts (1 is the first); `chance` in 0 to 1 places it within the jitter."""
        whole = min(self.longest, self.shortest * 2 ** (trips - 1))
        return int(whole * (1 + self.jitter * (2 * chance - 1)))


class Verdict(NamedTuple):
    """May a call pass? `until`: of an open circuit, or when to ask again. `probe` is set where the call is the one probe of a half-open
    circuit, `trial` where it tries a closed one that is not proved."""

    state: Leave
    until: int = 0
    probe: str = ""
    trial: str = ""


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
    trials: dict[str, int] = field(default_factory=dict)
    _buckets: dict[int, tuple[int, int]] = field(default_factory=dict)

    def look(self, now: int) -> Verdict:
        """Its state, without taking the probe."""
        if not self.open_until:
            return Verdict("closed")
        if now < self.open_until:
            return Verdict("open", self.open_until)
        if self.probe and now < self.probe_until:
            return Verdict("open", min(self.probe_until, now + self.rules.look_again))
        return Verdict("half_open")

    def may(self, now: int, *, waited: bool) -> Verdict:
        """What `enter` would say. `waited`: the caller was held for as long as a trial lasts."""
        verdict = self.look(now)
        if verdict.state != "closed" or self._is_proved(now) or (waited and not self.in_a_row):
            return verdict
        self.trials = {token: until for token, until in self.trials.items() if until > now}
        if len(self.trials) < max(1, self.rules.trials - self.in_a_row):
            return verdict
        return Verdict("held", min(self.trials.values()))

    def enter(self, now: int, token: str, *, waited: bool = False) -> Verdict:
        """May a call pass now? A half-open circuit gives its one probe to `token`."""
        verdict = self.may(now, waited=waited)
        if verdict.state == "half_open":
            self.probe, self.probe_until, self.touched = token, now + self.rules.probe, now
            return Verdict("half_open", probe=token)
        if verdict.state == "closed" and not self._is_proved(now):
            self.trials[token] = now + (self.rules.trial_failing if self.in_a_row else self.rules.trial)
            self.touched = now
            return Verdict("closed", trial=token)
        return verdict

    def note(self, now: int, outcome: Outcome, *, probe: str, told: int, chance: float, trial: str = "") -> bool:
        """Take in how a call ended; true where the circuit opened by it. `told`: milliseconds that a Retry-After asked for.

        While the circuit is not closed only its probe counts: what else comes in began before it opened.
        """
        self.touched = now
        self.trials.pop(trial, None)
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
            self._buckets = {now // self.rules.bucket: (1, 0)}  # it is proved by the answer that closed it
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

    def _is_proved(self, now: int) -> bool:
        """Whether it answered somebody within the window, and did not fail since."""
        oldest = (now - self.rules.window) // self.rules.bucket
        return not self.in_a_row and any(calls > failed for at, (calls, failed) in self._buckets.items() if at > oldest)

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
        self.trials.clear()
        return True
