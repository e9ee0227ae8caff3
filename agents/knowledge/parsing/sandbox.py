"""Reading a file in a process of its own, so that a hostile one harms nothing but itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from agents.knowledge.parsing.errors import FAMILY, Damaged, TooLarge, TooSlow
from agents.knowledge.parsing.kinds import MAX_BYTES
from agents.knowledge.parsing.sections import Parsed, Section

OUT_OF_MEMORY = 74  # the worker's exit status
CPU_SECONDS = 30
WALL_SECONDS = 600.0  # twenty times the processor time: a document does not become unreadable because a machine is busy
READERS = 2  # at once in one worker: hostile files must not take the memory and the processors of everybody's runs
_ROOT = Path(__file__).resolve().parents[3]
_turn = threading.BoundedSemaphore(READERS)


def parse_safely(source: Path | bytes, name: str, *, cpu_seconds: int = CPU_SECONDS) -> Parsed:
    """The sections of the file `name`, read in a limited process. Raises a ParseError, whatever the file does."""
    data = source if isinstance(source, bytes) else _loaded(source, name)
    command = [sys.executable, "-m", "agents.knowledge.parsing.worker", name, str(cpu_seconds)]
    try:
        with _turn:
            done = subprocess.run(
                command,
                input=data,
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
                cwd=_ROOT,
                env=environment(),
            )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(name) from error
    if done.returncode != 0:
        raise _died(done.returncode, name)
    return _understood(json.loads(done.stdout))


def _loaded(path: Path, name: str) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"“{name}” has {path.stat().st_size / 1024**2:,.1f} MB; {MAX_BYTES // 1024**2} MB are allowed.")
    return path.read_bytes()


def environment() -> dict[str, str]:
    """No keys, no database address: only what Python needs to start."""
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    return {**kept, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _died(code: int, name: str) -> TooSlow | Damaged:
    if code == OUT_OF_MEMORY:
        return TooSlow(
            f"“{name}” takes more memory to read than one document may have, so the reading was stopped. Split it and upload the parts."
        )
    if -code in {signal.SIGXCPU, signal.SIGKILL}:
        return _too_slow(name)
    return Damaged(
        f"“{name}” made the reader fail (exit {code}). Open it in the program that wrote it, save it again and upload that copy."
    )


def _too_slow(name: str) -> TooSlow:
    return TooSlow(f"“{name}” takes too long to read, so the reading was stopped. Split it, or print it to PDF again.")


def _understood(answer: dict[str, Any]) -> Parsed:
    if "parsed" not in answer:
        raise FAMILY[answer["code"]](answer["detail"])
    parsed = answer["parsed"]
    return Parsed(parsed["media_type"], tuple(Section(**section) for section in parsed["sections"]), parsed["pages"])
