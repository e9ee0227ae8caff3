"""The list of runs over HTTP, beside a plain DRF list of the same rows without workspaces, on the same kind of server.

Both with a pool of database connections, as we are shipped; the environment of the tests has none.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from bench import stage
from bench.plain.serving import serving

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
    with (
        stage.stack(env={"ENVIRONMENT": "development"}) as live,
        serving(live, "bench.plain.asgi:application") as plain,
    ):
        token = json.loads(stage.python(live, _ROWS).splitlines()[-1])
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(_rate(f"{live.url}/w/acme/api/v1/runs/", token))
            theirs.append(_rate(f"http://{plain}/runs/", token))
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
            if answer.status_code != httpx.codes.OK or len(answer.json()["results"]) != 24:
                raise RuntimeError(f"{url} answered {answer.status_code}.")
            count += 1
    return count
