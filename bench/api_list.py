"""The list of runs over HTTP, beside a plain DRF list of the same rows without workspaces, on the same kind of server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from bench import stage
from config.stack import ports
from tests.servers.live import LiveStack

NAMES = ("api_list_requests_per_second",)
CLIENTS, ROUNDS, SECONDS = 8, 3, 3.0

_ROWS = """
import json
from tenants.access import get_member
from tenants.context import enter
from tenants.proving.tokens import sign_in
from tests import cast
from tests.projects.runs import a_run
user, tenant = cast.person("alice"), cast.workspace("acme")
member = get_member(user, tenant)
with enter(tenant.schema_name):
    for _ in range(24):
        a_run(member)
print(json.dumps(sign_in(user).access))
"""


def measure() -> dict[str, Any]:
    with stage.stack() as live, _plain_server(live) as plain:
        token = json.loads(stage.python(live, _ROWS).splitlines()[-1])
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(_rate(f"{live.url}/w/acme/api/v1/runs/", token))
            theirs.append(_rate(f"{plain}/runs/", token))
    value, baseline = max(ours), max(theirs)
    return {
        "name": "api_list_requests_per_second",
        "value": round(value, 1),
        "unit": "requests/s",
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 3),
        "better": "higher",
        "note": f"24 rows, {CLIENTS} clients, best of {ROUNDS}; baseline: plain DRF list, no sign-in, no workspace",
    }


@contextmanager
def _plain_server(live: LiveStack) -> Iterator[str]:
    with ports.listen(0) as door:
        fd, port = door.fileno(), door.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "bench.plain.asgi:application",
            "--fd",
            str(fd),
            "--log-level",
            "warning",
        ]
        env = {**live.env, "DJANGO_SETTINGS_MODULE": "bench.plain.settings"}
        server = subprocess.Popen(command, env=env, pass_fds=(fd,))
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            httpx.get(f"http://127.0.0.1:{port}/runs/", timeout=10)
        except (OSError, httpx.HTTPError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The plain server did not start.")


def _rate(url: str, token: str) -> float:
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as clients:
        counts = list(clients.map(lambda _: _ask_until(end, url, token), range(CLIENTS)))
    return sum(counts) / SECONDS


def _ask_until(end: float, url: str, token: str) -> int:
    count = 0
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        while time.monotonic() < end:
            answer = client.get(url)
            if answer.status_code != httpx.codes.OK or len(answer.json()["results"]) != 24:  # noqa: PLR2004
                raise RuntimeError(f"{url} answered {answer.status_code}.")
            count += 1
    return count
