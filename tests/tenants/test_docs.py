"""docs/api.md, its first examples, run as they stand."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.servers.live import LiveStack


def answers(printed: str) -> Iterator[dict[str, Any]]:
    """What `curl -s` wrote one after the other."""
    while printed := printed.strip():
        answer, end = json.JSONDecoder().raw_decode(printed)
        yield answer
        printed = printed[end:]


@pytest.mark.slow
def test_the_first_lines_work(live_stack: LiveStack, tmp_path: Path) -> None:
    page = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in page.split("```sh\n")[1:3]]
    script = "".join(blocks).replace("http://localhost:8000", live_stack.url)
    script = script.replace('"slug":"acme"', '"slug":"kettle"').replace("/w/acme/", "/w/kettle/")
    ran = subprocess.run(
        ["sh", "-ec", script], cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, timeout=300, check=True
    )
    registered, made, project, run = answers(ran.stdout)
    assert sorted(registered) == ["detail"]
    assert (made["slug"], project["name"]) == ("kettle", "Harbour")
    assert (run["title"], run["origin"], run["inputs"]) == ("Brief", "api", {"topic": "tides"})
