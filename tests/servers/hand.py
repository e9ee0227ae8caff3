"""`python -m tests.servers.hand --socket P`: runs text on the database of a live stack, in a process of its own for each.

Django is set up once, a fork then takes no time; setting it up takes seconds. Each connection brings `{"code", "argv"}`
and gets `{"status", "said", "wrong"}`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO


def serve(path: Path) -> None:
    import django

    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{path}.new")
        door.listen()
        Path(f"{path}.new").rename(path)  # whoever sees it may come
        while True:
            line, _ = door.accept()
            with line:
                if os.fork() == 0:
                    door.close()
                    _work(line)
                    return


def _work(line: socket.socket) -> None:
    """In the child: what the text prints is the answer."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with (
        line.makefile("rw", encoding="utf-8") as wire,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as wrong,
    ):
        asked = json.loads(wire.readline())
        os.dup2(said.fileno(), 1)
        os.dup2(wrong.fileno(), 2)
        status = _run(asked["code"], asked["argv"])
        sys.stdout.flush()
        sys.stderr.flush()
        wire.write(json.dumps({"status": status, "said": _text(said), "wrong": _text(wrong)}))


def _run(code: str, argv: Sequence[str]) -> int:
    sys.argv = ["-c", *argv]
    try:
        exec(compile(code, "<told>", "exec"), {"__name__": "__main__"})
    except BaseException:  # noqa: BLE001 - as an interpreter does: it says what was wrong, and its status is 1
        traceback.print_exc()
        return 1
    return 0


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=Path, required=True)
    serve(parser.parse_args().socket)
