"""What ended processes counted stays counted, in one archive file per kind; their other files go."""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client.mmap_dict import MmapedDict

ARCHIVE = "archive"


def clean(place: Path) -> int:
    """Fold the files of dead processes into the archives; how many files that were. One process at a time does it."""
    with (place / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        return _fold(place, sorted(_dead(place)))


def _dead(place: Path) -> Iterator[Path]:
    for path in place.glob("*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            yield path


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _fold(place: Path, files: list[Path]) -> int:
    by_kind: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        by_kind[path.stem.partition("_")[0]].append(path)
    for kind, dead in by_kind.items():
        if kind != "gauge":  # what a dead process had open is closed
            _add(place / f"{kind}_{ARCHIVE}.db", dead)
        for path in dead:
            path.unlink(missing_ok=True)
    return len(files)


def _add(archive: Path, files: list[Path]) -> None:
    kept: Any = MmapedDict(str(archive))  # type: ignore[no-untyped-call]
    try:
        for path in files:
            for key, value, _, _ in kept.read_all_values_from_file(str(path)):
                kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
    finally:
        kept.close()
