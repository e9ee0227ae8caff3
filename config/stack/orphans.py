"""Children of a stack that was killed without a word.

On Linux the kernel ends them with us; elsewhere they live on until the next start finds them written down.
A process is known by its number and the moment it was born, because numbers are used again.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from signal import Signals

from config.stack.processes import ON_LINUX, kill_session


def born(pid: int) -> str:
    """When the process was started, in the system's own words; empty when there is none, or only its zombie."""
    if ON_LINUX:
        return _born_on_linux(pid)
    answer = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _born_on_linux(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return "" if state in "ZX" else started


def remember(data: Path, pids: dict[str, int]) -> None:
    record = {name: {"pid": pid, "born": born(pid)} for name, pid in pids.items()}
    draft = data / "children.json.draft"
    draft.write_text(json.dumps(record, indent=2) + "\n")
    draft.replace(data / "children.json")


def end_orphans(data: Path, *, seconds: float = 10.0) -> list[str]:
    """Ask the children of an earlier stack to end, then kill them. Call with the lock held. Names what was found."""
    found = dict(_alive(data))
    for name, pid in found.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, Signals.SIGINT if name == "postgres" else Signals.SIGTERM)
    end = time.monotonic() + seconds
    while dict(_alive(data)) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in dict(_alive(data)).values():
        kill_session(pid)
    (data / "children.json").unlink(missing_ok=True)
    return sorted(found)


def _alive(data: Path) -> Iterator[tuple[str, int]]:
    try:
        record = json.loads((data / "children.json").read_text())
    except FileNotFoundError:
        return
    for name, child in record.items():
        if child["born"] and born(child["pid"]) == child["born"]:
            yield name, child["pid"]
