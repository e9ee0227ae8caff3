"""A stack of its own for a measurement: the product's real processes on a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.servers.live import LiveStack, running
from tests.servers.storage import Storage

NO_LIMITS = {"API_REQUESTS_PER_MINUTE": "10000000", "API_ANONYMOUS_REQUESTS_PER_MINUTE": "10000000"}


@contextmanager
def stack(
    workers: Sequence[str] = (), env: Mapping[str, str] | None = None, *, durable: bool = False
) -> Iterator[LiveStack]:
    """Started from nothing, ended whole. The environment of this process is left as it was. With `durable` PostgreSQL may be killed."""
    before = dict(os.environ)
    os.environ["ENVIRONMENT"] = "testing"
    storage = Storage.reserve(worker="bench")
    storage.durable = durable
    os.environ.update(storage.env)
    try:
        storage.start()
        with running(storage, workers, {**NO_LIMITS, **(env or {})}) as live:
            yield live
    finally:
        storage.stop()
        os.environ.clear()
        os.environ.update(before)


def python(live: LiveStack, code: str, *arguments: str) -> str:
    """What a piece of code prints, run on the stack's database."""
    command = [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments]
    return subprocess.run(command, env=dict(live.env), check=True, capture_output=True, text=True).stdout.strip()
