"""What a visitor has to load stays small, and all of it is ours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
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


class Fields(HTMLParser):
    """Where in a template a text, a list or a number is filled in outside of `.field`, which gives it our looks."""

    NO_TEXT = frozenset({"hidden", "checkbox", "radio", "range", "file", "submit"})
    EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "source"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.bare: list[str] = []
        self._path, self._around = path, list[tuple[str, bool]]()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._is_filled_in(tag, given) and not any(styled for _, styled in self._around):
            self.bare.append(f"{self._path.relative_to(ROOT)}:{self.getpos()[0]}")
        if tag not in self.EMPTY:
            self._around.append((tag, "field" in (given.get("class") or "").split()))

    def handle_endtag(self, tag: str) -> None:
        while any(opened == tag for opened, _ in self._around) and self._around.pop()[0] != tag:
            pass

    def _is_filled_in(self, tag: str, given: dict[str, str | None]) -> bool:
        if tag not in {"input", "select", "textarea"} or "hidden" in given:
            return False
        return given.get("type") not in self.NO_TEXT and "input" not in (given.get("class") or "").split()


def test_whatever_is_filled_in_looks_like_ours() -> None:
    """A field of its browser's making is a grey box in the dark."""
    templates = sorted((ROOT / "templates").rglob("*.html"))
    bare = [place for path in templates if "allauth" not in path.parts for place in Fields(path).bare]
    assert [place.partition(":")[0] for place in bare] == ["templates/_topbar.html"]
