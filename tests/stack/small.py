"""`python -m tests.stack.small --data-dir D`: the real stack with a small product on it, so that a start takes a second.

PostgreSQL, valkey, lock, port and supervisor are the real ones. The web server answers with its process number; `/die` ends it.
"""

from __future__ import annotations

import argparse
import http.server
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from signal import Signals

from config.stack import services
from config.stack.processes import Program
from config.stack.services import Product, Service, Surroundings
from config.stack.up import Up


class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/die":
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())


def serve(fd: int) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Door, bind_and_activate=False)
    server.socket = socket.socket(fileno=fd)
    server.serve_forever()


def _migrate(around: Surroundings) -> Program:
    return around.python("migrate", "-c", "print('migrated')")


def _web(around: Surroundings, door: socket.socket) -> Service:
    fd, port = door.fileno(), int(door.getsockname()[1])
    program = around.python(
        "web", "-m", "tests.stack.small", "--serve", str(fd), stop=((Signals.SIGTERM, 5.0),), fds=(fd,)
    )
    return Service(program, is_ready=lambda: services.answers(port), patience=180)


def _sleeper(around: Surroundings, text: str) -> Service:
    """It may take five minutes to end, unless somebody is in a hurry."""
    return Service(around.python("sleeper", "-c", text, stop=((Signals.SIGTERM, 300.0),)))


def product(sleeper: str) -> Product:
    def wanted(around: Surroundings, door: socket.socket) -> Sequence[Service]:
        return (_web(around, door), _sleeper(around, sleeper))

    return Product(migrate=_migrate, services=wanted)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", type=int)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--job", help="Python text to run as the job, once")
    parser.add_argument("--sleeper", default="import time; time.sleep(1000)")
    options = parser.parse_args()
    if options.serve is not None:
        if "TESTS_STACK_BROKEN_WEB" in os.environ:
            sys.stderr.write("the roof is missing\n")
            sys.exit(9)
        serve(options.serve)
    job = (lambda around, _url: around.python("job", "-c", options.job, log=False)) if options.job else None
    up = Up(
        data=options.data_dir.resolve(),
        port=options.port,
        job=job,
        once=bool(options.job),
        product=product(options.sleeper),
    )
    sys.exit(up.run())


if __name__ == "__main__":
    main()
