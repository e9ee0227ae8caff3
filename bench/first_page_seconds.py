"""How long a person waits for the first page: the second start of `manage.py up`, from the command to a whole market page."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from config.stack.paths import CHECKOUT

_ROUNDS = 3


def measure() -> dict[str, Any]:
    data = Path(tempfile.mkdtemp(prefix="guildhall-bench-"))
    data.chmod(0o755)
    try:
        first = _start_until_page(data)
        again = [_start_until_page(data) for _ in range(_ROUNDS)]
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return {
        "name": "first_page_seconds",
        "value": round(statistics.median(again), 2),
        "unit": "s",
        "baseline": None,
        "ratio": None,
        "better": "lower",
        "note": f"second start, median of {_ROUNDS}; the first start took {first:.1f} s",
    }


def _start_until_page(data: Path) -> float:
    began = time.monotonic()
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", "up", "--port", "0", "--data-dir", str(data)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        try:
            _read_page(_address(up))
            return time.monotonic() - began
        finally:
            up.send_signal(signal.SIGTERM)
            up.communicate(timeout=60)


def _address(up: subprocess.Popen[str]) -> str:
    said = []
    for line in up.stdout or ():
        said.append(line)
        if "Guildhall is up at" in line:
            return str(line.split()[4])
    raise RuntimeError("Guildhall did not start:\n" + "".join(said))


def _read_page(url: str) -> None:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  (our own server)
        page = answer.read()
    if b"</html>" not in page:
        raise RuntimeError("The first page is not whole.")
