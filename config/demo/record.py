"""`demo.json`: where the demo stands and how to sign in. It holds passwords, so only its owner may read it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def read(data: Path) -> dict[str, Any]:
    """What an earlier demo wrote; empty when there was none."""
    try:
        found = json.loads((data / "demo.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def write(data: Path, content: dict[str, Any]) -> Path:
    target = data / "demo.json"
    draft = os.open(data / "demo.json.draft", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(draft, "w") as file:
        file.write(json.dumps(content, indent=2) + "\n")
    (data / "demo.json.draft").replace(target)
    return target
