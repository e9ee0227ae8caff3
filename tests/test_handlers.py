"""Whoever catches everything says why on the same line."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
APPS = ("agents", "config", "marketplace", "projects", "simulations", "tenants")
BROAD = {"Exception", "BaseException"}


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in BROAD)


def without_a_reason(path: Path) -> list[str]:
    text = path.read_text()
    if "except Exception" not in text and "except BaseException" not in text and "except:" not in text:
        return []
    lines = text.splitlines()
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler)]
    said = [(node, lines[node.lineno - 1].partition("#")[2]) for node in found if catches_everything(node)]
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node, why in said
        if len(why.replace("noqa: BLE001", "").split()) < 4
    ]


def test_every_broad_handler_has_its_reason() -> None:
    assert [each for app in APPS for path in (ROOT / app).rglob("*.py") for each in without_a_reason(path)] == []
