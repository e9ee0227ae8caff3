"""One stack per data directory, and one owner to ask who it is."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO, TypedDict


class Owner(TypedDict):
    pid: int
    url: str


class AlreadyRunning(RuntimeError):
    """Another process holds this data directory. `url` is empty while it is still starting."""

    def __init__(self, pid: int, url: str) -> None:
        where = f" at {url}" if url else ""
        super().__init__(
            f"Guildhall is already running here (process {pid}){where}. Stop it first, or use another --data-dir."
        )
        self.pid = pid
        self.url = url


class DataLock:
    """An advisory lock that the kernel drops with its owner, so it is never stale."""

    def __init__(self, data: Path) -> None:
        self._file: IO[str] = (data / "lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = self._owner()
            self._file.close()
            raise AlreadyRunning(**owner) from None
        self.announce(url="")

    def announce(self, *, url: str) -> None:
        """Say who we are, for whoever finds the lock taken."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"pid": os.getpid(), "url": url}))
        self._file.flush()

    def release(self) -> None:
        self._file.close()

    def _owner(self) -> Owner:
        self._file.seek(0)
        try:
            owner = json.loads(self._file.read())
        except json.JSONDecodeError:  # caught between truncate and write
            return {"pid": 0, "url": ""}
        return {"pid": int(owner["pid"]), "url": str(owner["url"])}
