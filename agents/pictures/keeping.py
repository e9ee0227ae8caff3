"""Where a run's pictures lie: beside its files, where no tool of an agent reaches, each under the digest of its bytes.

Nothing is ever written over, so that whatever is asked of a run again (after a crash, in a branch, in a replay) is asked of the same
pictures. A run that goes off from another has links to the same bytes; the last one that is deleted frees them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from agents.pictures.picture import Picture, Reference
from agents.tools.files import RunFiles
from projects.models import Run
from tenants.context import current_schema
from tenants.errors import NotFound

FOLDER = ".pictures"  # no name that a file of an agent can have


class PictureLost(Exception):
    """The bytes of a picture are not where they were put, or are others; the message is a sentence."""


def keep_pictures(run: UUID, pictures: Iterable[Picture]) -> None:
    """Whole or not at all."""
    folder = _folder(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for picture in pictures:
        partial = folder / f"partial-{picture.reference.sha256}"
        partial.write_bytes(picture.data)
        partial.replace(folder / picture.reference.sha256)


def give_pictures(source: UUID, into: UUID) -> None:
    """To a run that is shown the same."""
    there, here = _folder(source), _folder(into)
    if not there.is_dir():
        return
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in there.iterdir():
        try:
            os.link(path, here / path.name)
        except OSError:  # a file system without links
            shutil.copyfile(path, here / path.name)


def forget_pictures(run: UUID) -> None:
    """Of a run that did not come to be; otherwise they go with its files."""
    RunFiles.of(current_schema(), run).delete()


def pictures_of(run: Run) -> list[Picture]:
    """In their order. Raises PictureLost."""
    return [Picture(told, _read(run, told)) for told in references_of(run)]


def picture_of(run: Run, number: int) -> Picture:
    """One of a run of the current workspace; they are numbered from 1. Raises NotFound."""
    told = references_of(run)
    if not 1 <= number <= len(told):
        raise NotFound(f"This run was shown {len(told)} pictures.")
    try:
        return Picture(told[number - 1], _read(run, told[number - 1]))
    except PictureLost as lost:
        raise NotFound(str(lost)) from lost


def references_of(run: Run) -> Sequence[Reference]:
    return [Reference.of(row) for row in run.pictures or ()]


def _folder(run: UUID) -> Path:
    return RunFiles.of(current_schema(), run).folder / FOLDER


def _read(run: Run, told: Reference) -> bytes:
    try:
        data = (_folder(run.pk) / told.sha256).read_bytes()
    except OSError as error:
        raise PictureLost(f"The picture “{told.name}” of this run is not in the data directory any more.") from error
    if hashlib.sha256(data).hexdigest() != told.sha256:
        raise PictureLost(f"The picture “{told.name}” of this run is not what was sent; its file is damaged.")
    return data
