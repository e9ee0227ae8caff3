"""The folder of one run: a few small files that its agents write and people download."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,98}[A-Za-z0-9]|[A-Za-z0-9]")
MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 100
_PARTIAL = ".partial-"


class FileRefused(Exception):
    """A name that cannot be, a file that is not there, or one too many; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class RunFile:
    name: str
    size: int
    changed_at: datetime


def folder_of(schema: str) -> Path:
    """Where the runs of a workspace have theirs, by their ids."""
    return Path(settings.DATA_DIR) / "run-files" / schema


class RunFiles:
    """Names have no folders in them, so nothing leads out; links are neither followed nor listed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, schema: str, run_id: UUID) -> RunFiles:
        return cls(folder_of(schema) / str(run_id))

    def list(self) -> list[RunFile]:
        """By name."""
        if not self.folder.is_dir():
            return []
        with os.scandir(self.folder) as entries:
            found = [entry for entry in entries if NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)]
            return sorted((_described(entry) for entry in found), key=lambda each: each.name)

    def read(self, name: str) -> bytes:
        """Raises FileRefused."""
        try:
            handle = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise FileRefused(f"This run has no file “{name}”. {self._there()}") from error
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise FileRefused(f"This run has no file “{name}”. {self._there()}")
            return file.read(MOST_BYTES)

    def write(self, name: str, content: bytes) -> None:
        """Make or replace a file, whole or not at all. Raises FileRefused when the run's space is used up."""
        path = self._path(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            others = [each for each in self.list() if each.name != name]
            if sum(each.size for each in others) + len(content) > MOST_BYTES:
                raise FileRefused(f"The files of a run have {MOST_BYTES // 1024**2} MB together; this would be more.")
            if len(others) >= MOST_FILES:
                raise FileRefused(f"A run has at most {MOST_FILES} files.")
            partial = self.folder / f"{_PARTIAL}{name}"
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            partial.replace(path)

    def delete(self) -> None:
        """The whole folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name) or ".." in name:
            raise FileRefused(
                "A file is called by 1 to 100 letters, digits, spaces, “.”, “-” and “_”, without folders; as in summary.csv."
            )
        return self.folder / name

    def _there(self) -> str:
        names = ", ".join(each.name for each in self.list())
        return f"It has: {names}." if names else "It has none yet."

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Agents may write at the same time, from several processes."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _described(entry: os.DirEntry[str]) -> RunFile:
    found = entry.stat(follow_symlinks=False)
    return RunFile(entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
