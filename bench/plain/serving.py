"""A server of the baseline: uvicorn on loopback, as ours is."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.stack import ports
from tests.servers.live import LiveStack


@contextmanager
def serving(live: LiveStack, application: str) -> Iterator[str]:
    """`127.0.0.1:<port>` while the baseline's `application` is served on the stack's database and Redis."""
    with ports.listen(0) as door:
        fd, port = door.fileno(), door.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", application, "--fd", str(fd), "--log-level", "warning"]
        env = {**live.env, "DJANGO_SETTINGS_MODULE": "bench.plain.settings"}
        server = subprocess.Popen(command, env=env, pass_fds=(fd,))
        try:
            _wait(port)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait(port: int) -> None:
    """The socket is open from the start; the server behind it answers a bad request once it is there."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(b"nonsense\r\n\r\n")
        line.recv(1)
    time.sleep(0.5)
