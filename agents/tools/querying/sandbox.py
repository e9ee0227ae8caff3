"""Starting the process that answers one question, and ending it when it takes too much."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

CPU_SECONDS = 3
PATIENCE = 20  # on a busy machine the processor time takes that much longer; what never ends uses it up all the same
OUT_OF_MEMORY = 74
MOST_ANSWER = 2_000_000
_ROOT = Path(__file__).resolve().parents[3]


class QueryFailed(Exception):
    """The question cannot be answered; the message is a sentence for whoever asked it."""


async def ask(kind: str, question: str, data: bytes, *, cpu_seconds: int = CPU_SECONDS) -> str:
    """The answer of `kind` (csv or json) to `question` over `data`. Raises QueryFailed, whatever the question does."""
    header = json.dumps({"kind": kind, "question": question}).encode() + b"\n"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agents.tools.querying.worker", str(cpu_seconds),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env=_environment(),
        limit=MOST_ANSWER,
    )  # fmt: skip
    try:
        async with asyncio.timeout(cpu_seconds * PATIENCE):
            answer, _ = await process.communicate(header + data)
    except TimeoutError:
        raise QueryFailed("The question takes too long to answer. Ask for less.") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _understood(process.returncode, answer)


def _understood(code: int | None, answer: bytes) -> str:
    if code == OUT_OF_MEMORY:
        raise QueryFailed("The question takes too much memory to answer. Ask for less.")
    if code != 0:
        raise QueryFailed("The question takes too long or too much memory to answer. Ask for less.")
    told: dict[str, Any] = json.loads(answer)
    if "refused" in told:
        raise QueryFailed(told["refused"])
    return str(told["answer"])


def _environment() -> dict[str, str]:
    """No keys, no database address: only what Python needs to start."""
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    return {**kept, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
