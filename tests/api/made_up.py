"""The tool that makes up requests from a description of the API, as the tests call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.cast import PASSWORD
from tests.thorough import IN_CI

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 4 if IN_CI else 2
SECONDS = 1800
NO_LIMITS = {"API_REQUESTS_PER_MINUTE": "1000000", "API_ANONYMOUS_REQUESTS_PER_MINUTE": "1000000"}
BUILDING = r"/api/v1/(agents|crews|tasks|library|runs|questions)/"
"""Half of a workspace's operations: the two halves are tried by two files, side by side."""


def access_token(url: str) -> str:
    """Alice's, who owns Acme. It lasts five minutes, so every look takes one of its own."""
    credentials = {"email": "alice@acme.example", "password": PASSWORD}
    return str(httpx.post(f"{url}/api/v1/auth/token/", json=credentials, timeout=120).json()["access"])


def look_at(url: str, at: str, directory: Path, phase: str, *only: str) -> None:
    """Try the API below `at`; `only` are options that choose operations."""
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", f"{url}{at}/api/v1/schema/"),
            *("--header", f"Authorization: Bearer {access_token(url)}"),
            *("--checks", ",".join(CHECKS)),
            *only,
            *("--phases", phase),
            *("--max-examples", str(EXAMPLES)),
            *("--seed", "20261121"),
            *("--workers", "1"),  # with two, Python 3.11 sometimes fails in ast.parse: gh-106905
            *("--warnings", "off"),
            "--no-color",
        ],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-12_000:] + ran.stderr[-2_000:]
