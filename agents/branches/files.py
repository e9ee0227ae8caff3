"""The files of a run that goes off from another: tasks that are taken over may have written what later tasks read."""

from __future__ import annotations

from uuid import UUID

from agents.tools.files import RunFiles
from tenants.context import current_schema


def copy_files(source: UUID, into: UUID) -> None:
    there, here = RunFiles.of(current_schema(), source), RunFiles.of(current_schema(), into)
    for file in there.list():
        here.write(file.name, there.read(file.name))


def delete_files(run: UUID) -> None:
    RunFiles.of(current_schema(), run).delete()
