"""Child processes that end with us, however we end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import IO

ON_LINUX: bool = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None
_LOG_LIMIT = 10 * 1024 * 1024

Child = subprocess.Popen[bytes]
StopSteps = Sequence[tuple[Signals, float]]


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how it is asked to end: signals in turn, each with the seconds it is given."""

    name: str
    argv: Sequence[str]
    log: Path | None = None  # None: speaks on our terminal
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: Account | None = None
    fds: Sequence[int] = ()
    stop: StopSteps = field(default=((Signals.SIGTERM, 5.0), (Signals.SIGQUIT, 3.0)))
    orphaned: Signals = Signals.SIGKILL  # what it receives when we die without a word


def spawn(program: Program) -> Child:
    """Start it in a session of its own, so that the terminal's Ctrl-C reaches only us.

    Call from the main thread: on Linux the child is signalled when the *thread* that forked it ends.
    """
    out = _open_log(program.log) if program.log else None
    try:
        return subprocess.Popen(
            list(program.argv),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            env=None if program.env is None else dict(program.env),
            cwd=program.cwd,
            pass_fds=tuple(program.fds),
            start_new_session=True,
            preexec_fn=_in_child(os.getpid(), program),  # noqa: PLW1509  (we fork from the main thread, which holds no lock)
        )
    finally:
        if out:
            out.close()


def stop(child: Child, steps: StopSteps) -> None:
    """Ask in turn, then kill what is left of its session."""
    stop_all({child: steps})


def stop_all(children: Mapping[Child, StopSteps], *, hurry: Callable[[], bool] = lambda: False) -> None:
    """Stop several at once; `hurry` is asked while waiting and skips what patience is left."""
    waiting = dict(children)
    for step in range(max((len(steps) for steps in children.values()), default=0)):
        waiting = {child: steps for child, steps in waiting.items() if child.poll() is None}
        patience = 0.0
        for child, steps in waiting.items():
            if step < len(steps):
                sign, seconds = steps[step]
                _send(child, sign)
                patience = max(patience, seconds)
        _wait(waiting, patience, hurry)
    for child in children:
        kill_session(child.pid)
        child.wait()


def _send(child: Child, sign: Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(sign)


def _wait(children: Mapping[Child, StopSteps], seconds: float, hurry: Callable[[], bool]) -> None:
    already_hurried = hurry()
    end = time.monotonic() + (min(seconds, 1.0) if already_hurried else seconds)
    while time.monotonic() < end and any(child.poll() is None for child in children):
        if hurry() and not already_hurried:
            return
        time.sleep(0.02)


def kill_session(pid: int) -> None:
    """Kill everything in the session that `pid` leads, grandchildren included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], child: Child, program: Program, *, seconds: float) -> None:
    """Poll `ready` while the child lives; EndedEarly otherwise."""
    end = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise EndedEarly(program, child.returncode)
        if time.monotonic() > end:
            raise EndedEarly(program, None)
        time.sleep(0.02)


class EndedEarly(RuntimeError):
    """A child did not come up. Says what its log says."""

    def __init__(self, program: Program, status: int | None) -> None:
        how = "did not answer in time" if status is None else f"ended with {describe(status)}"
        super().__init__(f"{program.name} {how}.{tail(program.log)}")


def describe(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    return f"signal {Signals(-status).name}"


def tail(log: Path | None, lines: int = 20) -> str:
    """The end of a log as a paragraph of its own, or nothing."""
    if log is None or not log.exists():
        return ""
    last = log.read_text(errors="replace").splitlines()[-lines:]
    return f" The end of {log}:\n" + "\n".join(f"    {line}" for line in last)


def _open_log(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def _in_child(parent: int, program: Program) -> Callable[[], None]:
    """What the child does before it becomes the program: change account, then tie its life to ours."""

    def prepare() -> None:
        if program.account:
            os.setgroups([])
            os.setgid(program.account.gid)
            os.setuid(program.account.uid)
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(program.orphaned), 0, 0, 0)  # forgotten at setuid, so after it
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return prepare
