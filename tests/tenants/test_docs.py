"""docs/api.md, its first example, run as it stands."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.servers.live import LiveStack


@pytest.mark.slow
def test_the_five_lines_work(live_stack: LiveStack, tmp_path: Path) -> None:
    page = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    script = page.partition("```sh\n")[2].partition("```")[0].replace("http://localhost:8000", live_stack.url)
    script = script.replace('"slug":"acme"', '"slug":"kettle"').replace("/w/acme/", "/w/kettle/")
    ran = subprocess.run(
        ["sh", "-ec", script], cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, timeout=60, check=True
    )
    said = [json.loads("{" + part) for part in ran.stdout.split("{")[1:] if part.endswith("}")]
    assert [sorted(answer)[:2] for answer in said] == [
        ["detail"],
        ["api_url", "created_at"],
        ["created_at", "description"],
    ]
    assert said[-1]["name"] == "Harbour"
