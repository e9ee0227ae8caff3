"""What a visitor has to load stays small, and all of it is ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
FOR_MODERATORS = {"console.css", "console.js", "tables.css"}
LAB = STATIC / "simulations"


@pytest.mark.parametrize(("suffix", "most"), [("css", 40 * 1024), ("js", 60 * 1024)])
def test_all_our_styles_and_scripts_together(suffix: str, most: int) -> None:
    """Of every page; the simulation lab's own come on top of it, on its pages only."""
    found = [
        path for path in STATIC.rglob(f"*.{suffix}") if path.name not in FOR_MODERATORS and LAB not in path.parents
    ]
    assert sum(path.stat().st_size for path in found) <= most


@pytest.mark.parametrize(("suffix", "most"), [("css", 20 * 1024), ("js", 96 * 1024)])
def test_what_only_the_lab_loads(suffix: str, most: int) -> None:
    assert sum(path.stat().st_size for path in LAB.rglob(f"*.{suffix}")) <= most


def test_what_only_moderators_load() -> None:
    assert sum((STATIC / "marketplace" / name).stat().st_size for name in FOR_MODERATORS) <= 12 * 1024


def test_nothing_is_loaded_from_elsewhere_or_made_from_text() -> None:
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        source = path.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/)", source), path
        assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", source), (
            path
        )


def test_colours_come_from_tokens() -> None:
    """Sheets of single pages name no colour of their own, so that both themes hold everywhere."""
    for path in STATIC.rglob("*.css"):
        if path.name != "site.css":
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", path.read_text(), re.IGNORECASE), path
