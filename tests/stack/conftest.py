"""A stack under test: started as its own process in a directory that any account can reach, and surely ended."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import pytest

from config.stack.paths import CHECKOUT

NOBODY = 65534


@dataclass
class Stack:
    """One `tests.stack.small` process and what it says."""

    data: Path
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    _lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip())

    def wait_for(self, words: str, *, seconds: float = 120) -> str:
        """The first line from now on that contains these words."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.said.append(self._lines.get(timeout=left))
            except queue.Empty:
                break
            if words in self.said[-1]:
                return self.said[-1]
        raise AssertionError(f"never said {words!r}, only:\n" + "\n".join(self.said))

    def wait_until_up(self) -> str:
        """The address it serves."""
        return self.wait_for("Guildhall is up at").split()[4]

    def end(self, sign: Signals = SIGTERM) -> int:
        """Signal the supervisor; its exit status."""
        self.process.send_signal(sign)
        return self.process.wait(120)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(SIGKILL)
        self.process.wait(60)
        self._listener.join(60)
        if self.process.stdout:
            self.process.stdout.close()

    def children(self) -> dict[str, int]:
        record = json.loads((self.data / "children.json").read_text())
        return {name: child["pid"] for name, child in record.items()}


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return str(answer.read().decode())


def processes_of(data: Path) -> list[str]:
    """The command lines of living processes that name `data` in their arguments or environment, or work in it."""
    entries = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and int(entry.name) != os.getpid()]
    return [command for entry in entries if (command := _command_within(entry, data))]


def _command_within(entry: Path, data: Path) -> str:
    """Its command line; empty where it has nothing to do with `data`, or has ended while we looked."""
    try:
        if "Z" in (entry / "stat").read_text().rpartition(")")[2][:3]:
            return ""
        command = (entry / "cmdline").read_bytes()
        known = command + (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink())
    except OSError:
        return ""
    return command.replace(b"\0", b" ").decode() if os.fsencode(data) in known else ""


def wait_until(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory below /tmp that every account can reach, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="guildhall-test-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data directory that was started and stopped once: making a cluster takes most of a first start."""
    home = Path(tempfile.mkdtemp(prefix="guildhall-test-", dir="/tmp"))
    home.chmod(0o755)
    command = [sys.executable, "-m", "tests.stack.small", "--data-dir", str(home / "data"), "--job", "pass"]
    subprocess.run(command, cwd=CHECKOUT, env=_own_environment(), check=True, capture_output=True)
    yield home / "data"
    shutil.rmtree(home)


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


@pytest.fixture
def start(place: Path, prepared: Path) -> Iterator[Callable[..., Stack]]:
    """Start a stack in `data` (default: `place/data`), a copy of `prepared` unless it is to be `new`. Killed afterwards at the latest."""
    started: list[Stack] = []

    def begin(
        *argv: str,
        data: Path | None = None,
        new: bool = False,
        prefix: tuple[str, ...] = (),
        python: str = sys.executable,
        env: dict[str, str] | None = None,
    ) -> Stack:
        where = data or place / "data"
        command = [*prefix, python, "-m", "tests.stack.small", "--data-dir", str(where), *argv]
        if not new and not where.exists():
            subprocess.run(["cp", "-a", prepared, where], check=True)
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**_own_environment(), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(Stack(where, process))
        return started[-1]

    yield begin
    for stack in started:
        stack.close()
    for stack in started:
        wait_until(partial(_is_gone, stack.data))


def _is_gone(data: Path) -> bool:
    return not processes_of(data)
