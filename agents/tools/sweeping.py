"""Folders of runs that never came to be: they were written inside a transaction that was undone, or that no process was left to commit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from agents.tools.files import RunFiles, folder_of
from projects.models import Run
from tenants.context import current_schema

AGE = 86_400.0
"""Seconds after which whatever wrote a folder has been committed or undone."""


def sweep() -> int:
    """Delete them in the current workspace; how many there were."""
    old = dict(_older_than(time.time() - AGE))
    there = set(Run.objects.filter(pk__in=old).values_list("pk", flat=True))
    for run_id in old.keys() - there:
        RunFiles(old[run_id]).delete()
    return len(old.keys() - there)


def _older_than(moment: float) -> Iterator[tuple[UUID, Path]]:
    for folder in folder_of(current_schema()).glob("*-*-*-*-*"):
        with suppress(FileNotFoundError):  # its run has been deleted since
            if folder.stat().st_mtime < moment:
                yield UUID(folder.name), folder
