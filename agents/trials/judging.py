"""What a trial says per task: the same, asked otherwise, other output, or not to be told from the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from agents.runtimes.spec import CrewSpec
from agents.trials.rehearsing import AskedOtherwise, Rehearsal
from projects.branching.comparing import Comparison
from projects.branching.diffing import diff
from projects.models import Trial
from projects.replaying.wording import worded

SAME, OTHERWISE, DIFFERS = "same", "changed_prompt", "output_differs"
OFF_RECORD, NOT_REACHED, NEW, GONE = "off_record", "not_reached", "new", "gone"

Report = list[dict[str, Any]]


def judged(spec: CrewSpec, rehearsal: Rehearsal, outputs: Mapping[str, str | None]) -> Report:
    """Of a rehearsal, against what the tasks of the run that was kept came to (None: skipped, failed, or not chosen); tasks in the order of the
    crew, then those that are gone.
    """
    names = [task.name for task in spec.tasks]
    found = [_task(name, rehearsal, outputs) for name in names]
    return [*found, *(_entry(name, GONE) for name in outputs if name not in names)]


def judged_live(comparison: Comparison) -> Report:
    """Of a run that asked the models again."""
    return [_live(pair) for pair in comparison.tasks]


def verdict_of(report: Iterable[Mapping[str, Any]]) -> Trial.Status:
    return Trial.Status.SAME if all(entry["verdict"] == SAME for entry in report) else Trial.Status.CHANGED


def _task(name: str, rehearsal: Rehearsal, outputs: Mapping[str, str | None]) -> dict[str, Any]:
    kept = outputs.get(name)
    now, otherwise = rehearsal.outputs.get(name), rehearsal.otherwise.get(name, [])
    more: dict[str, Any] = {"calls": rehearsal.calls.get(name, 0), "calls_changed": len(otherwise)}
    if otherwise:
        more["prompt_diff"] = _prompt_diff(otherwise[0])
    if name in rehearsal.off_record:
        return _entry(name, OFF_RECORD, detail=rehearsal.off_record[name], **more)
    if now is None and (rehearsal.off_record or kept is not None or name not in outputs):
        return _entry(name, NOT_REACHED, **more)
    if now is None:
        return _entry(name, OTHERWISE if otherwise else SAME, **more)
    if kept is None:
        return _entry(name, NEW, **more)
    if now != kept:
        return _entry(name, DIFFERS, output_diff=_pieces(kept, now), **more)
    return _entry(name, OTHERWISE if otherwise else SAME, **more)


def _live(pair: Any) -> dict[str, Any]:
    more = {
        "defined_otherwise": list(pair.defined_otherwise),
        "tokens": pair.delta.tokens,
        "cost": str(pair.delta.cost),
    }
    if pair.first.state == pair.second.state == "missing":
        return _entry(pair.task, SAME, **more)
    if pair.first.state == "missing":
        return _entry(pair.task, NEW, **more)
    if pair.second.state == "missing":
        return _entry(pair.task, GONE, **more)
    if not pair.same:
        return _entry(pair.task, DIFFERS, output_diff=[asdict(piece) for piece in pair.diff], **more)
    return _entry(pair.task, SAME, **more)


def _entry(task: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {"task": task, "verdict": verdict, "detail": "", "prompt_diff": [], "output_diff": [], **more}


def _prompt_diff(changed: AskedOtherwise) -> list[dict[str, str]]:
    return _pieces(worded(changed.before), worded(changed.now))


def _pieces(before: str, after: str) -> list[dict[str, str]]:
    return [asdict(piece) for piece in diff(before, after)]
