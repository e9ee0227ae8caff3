"""What a block of the marketplace can name in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from projects.models import Run

TOOL = "tool:"


def marks_of(run: Run) -> frozenset[str]:
    """The digests that it was made from, and the tools that it names."""
    return frozenset(run.manifest_digests) | marks_in(run.snapshot)


def marks_in(snapshot: Mapping[str, Any]) -> frozenset[str]:
    """The same for a run that is about to begin."""
    named = (
        name for part in ("agents", "tasks") for each in _parts(snapshot, part) for name in each.get("tools") or ()
    )
    return frozenset(snapshot.get("manifests") or ()) | {f"{TOOL}{name}" for name in named}


def _parts(snapshot: Mapping[str, Any], part: str) -> Iterable[Mapping[str, Any]]:
    return (each for each in snapshot.get(part) or () if isinstance(each, Mapping))


def is_risky(run: Run) -> bool:
    """Whether it came from a listing of high risk: it stops where nobody knows whether it is revoked."""
    return bool(run.manifest_digests) and int(run.snapshot.get("risk") or 0) >= HIGH


HIGH = 3
