"""A recorded play as lines of JSON: one for what it is, then one for each act, decision and step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from simulations.engine.decisions import Decision, Exchange, Option
from simulations.engine.errors import SimulationError
from simulations.engine.interventions import Intervention
from simulations.engine.recording.decision_log import DecisionLog, Entry
from simulations.engine.recording.intervention_log import InterventionLog

FORMAT = "guildhall.play/1"


class RecordRefused(SimulationError):
    """A record that cannot be read; the sentence names the line."""


@dataclass(slots=True)
class Record:
    """All that a play can be gone through again by. `origin` says what was played: scenario digest, seed, parameters, policy.

    `digests` are those of the state after each step, step 0 being how it began.
    """

    origin: Mapping[str, Any]
    decisions: DecisionLog = field(default_factory=DecisionLog)
    interventions: InterventionLog = field(default_factory=InterventionLog)
    digests: dict[int, str] = field(default_factory=dict)

    def until(self, step: int) -> Record:
        """A copy up to and with that step."""
        digests = {number: digest for number, digest in self.digests.items() if number <= step}
        return Record(self.origin, self.decisions.until(step), self.interventions.until(step), digests)


def write_lines(record: Record) -> Iterator[bytes]:
    """Lines without their ends; orjson's order of keys is that of the fields."""
    yield orjson.dumps({"format": FORMAT, **record.origin})
    for act in record.interventions:
        yield orjson.dumps({"is": "act", **_fields(act)})
    for entry in record.decisions:
        yield orjson.dumps({"is": "decision", **_of_entry(entry)})
    for step, digest in sorted(record.digests.items()):
        yield orjson.dumps({"is": "step", "step": step, "digest": digest})


def read_lines(lines: Iterable[bytes]) -> Record:
    """The other way. Raises RecordRefused."""
    numbered = enumerate((line for line in lines if line.strip()), 1)
    first = next(numbered, (1, b""))[1]
    origin = _decoded(1, first)
    if origin.pop("format", None) != FORMAT:
        raise RecordRefused(f"Line 1 must say that this is a record of the form {FORMAT}.")
    acts: list[Intervention] = []
    entries: list[Entry] = []
    digests: dict[int, str] = {}
    for number, line in numbered:
        _take(number, _decoded(number, line), acts, entries, digests)
    return Record(origin, DecisionLog(entries), InterventionLog(acts), digests)


def _take(
    number: int, told: dict[str, Any], acts: list[Intervention], entries: list[Entry], digests: dict[int, str]
) -> None:
    kind = told.pop("is", None)
    try:
        if kind == "act":
            acts.append(Intervention(**told))
        elif kind == "decision":
            entries.append(_to_entry(told))
        elif kind == "step":
            digests[int(told["step"])] = str(told["digest"])
        else:
            raise RecordRefused(f"Line {number} is neither an act, a decision nor a step.")
    except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
        raise RecordRefused(f"Line {number} cannot be read: {fault!r:.120}.") from fault


def _decoded(number: int, line: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise RecordRefused(f"Line {number} is not a JSON object.")
    return told


def _fields(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__slots__}


def _of_entry(entry: Entry) -> dict[str, Any]:
    decision = _fields(entry.decision)
    decision |= {
        "key": entry.decision.key.hex(),
        "cost": str(entry.decision.cost),
        "options": [[option.action, dict(option.args), option.weight] for option in entry.decision.options],
        "exchange": None if entry.decision.exchange is None else _fields(entry.decision.exchange),
    }
    return {"step": entry.step, "archetype": entry.archetype, "row": entry.row, "count": entry.count, **decision}


def _to_entry(told: dict[str, Any]) -> Entry:
    step, archetype, row, count = (told.pop(name) for name in ("step", "archetype", "row", "count"))
    exchange = told["exchange"]
    told |= {
        "key": bytes.fromhex(told["key"]),
        "cost": Decimal(told["cost"]),
        "options": tuple(Option(action, args, weight) for action, args, weight in told["options"]),
        "exchange": None if exchange is None else Exchange(**exchange),
    }
    return Entry(int(step), archetype, int(row), int(count), Decision(**told))
