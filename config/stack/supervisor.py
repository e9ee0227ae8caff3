"""Keeps services running, and ends them all when asked, when one cannot be kept up, or when we fail ourselves."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.stack import orphans
from config.stack.processes import Child, Program, describe, spawn, stop_all, tail, wait_until
from config.stack.services import Service

_SETTLED = 30.0  # seconds after which a death is no longer a quick one
_MOST_QUICK_DEATHS = 5
_LONGEST_PAUSE = 8.0
_TICK = 0.1


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class GaveUp(RuntimeError):
    """A service died too often to go on."""

    def __init__(self, program: Program, status: int) -> None:
        super().__init__(
            f"{program.name} ended {_MOST_QUICK_DEATHS} times in a row, at last with {describe(status)}; giving up.{tail(program.log)}"
        )


@dataclass(slots=True)
class _Kept:
    service: Service
    child: Child
    since: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    again_at: float | None = None  # set while it is down


class Supervisor:
    """One thread, no shared state: start services, then `supervise`. Use inside `watching_signals`."""

    def __init__(self, data: Path, *, say: Callable[[str], None]) -> None:
        self._data = data
        self._say = say
        self._kept: dict[str, _Kept] = {}
        self._order: list[list[str]] = []  # groups in the order of their start
        self._signals = 0

    @contextlib.contextmanager
    def watching_signals(self) -> Iterator[None]:
        """Count SIGINT, SIGTERM and SIGHUP instead of dying; stop everything on the way out."""
        watched = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants us to outlive the terminal
            watched.append(signal.SIGHUP)
        before = {sign: signal.signal(sign, self._on_signal) for sign in watched}
        try:
            yield
        finally:
            self._stop_everything()
            for sign, handler in before.items():
                signal.signal(sign, handler)

    def start(self, services: Sequence[Service]) -> None:
        """Start these together and wait until each is ready. They are stopped after whatever is started later."""
        self._order.append([service.name for service in services])
        for service in services:
            self._go_on()
            service.prepare()
            self._kept[service.name] = _Kept(service, spawn(service.program))
            self._remember()
        for service in services:
            wait_until(
                self._or_stopped(service.is_ready),
                self._kept[service.name].child,
                service.program,
                seconds=service.patience,
            )

    def run(self, program: Program) -> int:
        """Run a program to its end while the services are kept up. Returns its exit status."""
        self._go_on()
        child = spawn(program)
        try:
            while child.poll() is None:
                self._tick()
        finally:
            stop_all({child: program.stop}, hurry=self._is_hurried)
        return child.returncode

    def supervise(self) -> None:
        """Keep the services up until Stopped or GaveUp."""
        while True:
            self._tick()

    def _tick(self) -> None:
        self._go_on()
        for kept in self._kept.values():
            if kept.again_at is None and kept.child.poll() is not None:
                self._note_death(kept)
            elif kept.again_at is not None and time.monotonic() >= kept.again_at:
                self._start_again(kept)
        time.sleep(_TICK)

    def _note_death(self, kept: _Kept) -> None:
        settled = time.monotonic() - kept.since > _SETTLED
        kept.quick_deaths = 1 if settled else kept.quick_deaths + 1
        program, status = kept.service.program, kept.child.returncode
        if kept.quick_deaths >= _MOST_QUICK_DEATHS:
            raise GaveUp(program, status)
        pause = min(0.25 * 2**kept.quick_deaths, _LONGEST_PAUSE)
        kept.again_at = time.monotonic() + pause
        self._say(f"{program.name} ended with {describe(status)}; starting it again in {pause:g} s.")

    def _start_again(self, kept: _Kept) -> None:
        kept.service.prepare()
        kept.child = spawn(kept.service.program)
        kept.since, kept.again_at = time.monotonic(), None
        self._remember()

    def _remember(self) -> None:
        orphans.remember(self._data, {name: kept.child.pid for name, kept in self._kept.items()})

    def _or_stopped(self, ready: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            self._go_on()
            return ready()

        return check

    def _go_on(self) -> None:
        if self._signals:
            raise Stopped

    def _on_signal(self, _sign: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _is_hurried(self) -> bool:
        return self._signals > 1

    def _stop_everything(self) -> None:
        for names in reversed(self._order):
            kept = [self._kept[name] for name in names if name in self._kept]
            stop_all({one.child: one.service.program.stop for one in kept}, hurry=self._is_hurried)
        (self._data / "children.json").unlink(missing_ok=True)
