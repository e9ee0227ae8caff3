"""What the documentation names is there: settings with their defaults, files, commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from django.core.management import get_commands

from config.environment import Environment

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = (
    "agents",
    "bench",
    "config",
    "deploy",
    "docs",
    "marketplace",
    "projects",
    "simulations",
    "static",
    "templates",
    "tenants",
    "tests",
)
FILE = re.compile(r"(?<![\w<>{}/.-])[a-z_]\w*(?:/[\w.]+)*\.(?:py|yaml|md|js|css|html|lua)\b")
OF_READERS = {"crew.yaml"}
OF_CONTAINERS = {"POSTGRES_PASSWORD"}


def settings_told() -> Iterator[tuple[list[str], list[str]]]:
    """(names, defaults) of each row of the table; defaults that are told in words are no values."""
    table = (ROOT / "docs" / "operating.md").read_text().partition("## Settings")[2].partition("\n\nWithout")[0]
    for row in table.strip().splitlines()[2:]:
        _, names, defaults, *_ = row.split("|")
        yield re.findall(r"`(\w+)`", names), re.findall(r"`([^`]+)`", defaults)


def test_every_setting_is_told_and_every_told_setting_exists() -> None:
    told = [name.lower() for names, _ in settings_told() for name in names]
    assert sorted(told) == sorted(Environment.model_fields)


def test_numbers_are_told_as_they_are() -> None:
    fields = Environment.model_fields
    told = {name: value for names, values in settings_told() for name, value in zip(names, values, strict=False)}
    numbers = {name.upper(): field.default for name, field in fields.items() if type(field.default) in {int, float}}
    assert {name: float(told[name]) for name in numbers} == numbers


def test_files_that_are_named_are_there() -> None:
    here = ["/" + path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    here += [f"/{path.name}" for path in ROOT.iterdir()]
    named = {(page.name, match[0]) for page in PAGES for match in FILE.finditer(page.read_text())}
    lost = [(page, file) for page, file in sorted(named) if file not in OF_READERS and not _ends(here, file)]
    assert lost == []


def test_names_that_are_quoted_are_in_the_code() -> None:
    """Those with an underscore; any other is a word as well."""
    code = {
        word.lower()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for word in (path.parent.name, *re.findall(r"[A-Za-z_]\w+", path.read_text()))
    }
    quoted = {
        (page.name, name) for page in PAGES for name in re.findall(r"`([A-Za-z_][\w.]*_[\w.]*)`", page.read_text())
    }
    assert [each for each in sorted(quoted) if not {*each[1].lower().split(".")} - {""} <= code] == []


def _ends(paths: list[str], file: str) -> bool:
    return any(path.endswith(f"/{file}") for path in paths)


def test_commands_that_are_named_can_be_given() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) - set(targets) == set()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands()) == set()


def test_addresses_of_the_api_can_be_asked() -> None:
    """Each `METHOD address/` of docs/api.md, as the end of one that the API describes."""
    described = {
        (method.upper(), _without_names(address))
        for file in ("openapi-public.json", "openapi-workspace.json")
        for address, methods in json.loads((ROOT / "docs" / file).read_text())["paths"].items()
        for method in methods
    }
    quoted = re.findall(r"`((?:[A-Z]+[,| ]*)+)(/?[a-z…{][^ `?]*/)[ `?]", (ROOT / "docs" / "api.md").read_text())
    told = [(method, address) for methods, address in quoted for method in re.findall(r"[A-Z]+", methods)]
    assert len(told) > 100
    assert [each for each in told if not _is_described(*each, described)] == []


def _is_described(method: str, address: str, described: set[tuple[str, str]]) -> bool:
    end = "/" + _without_names(address).removeprefix("/w/{}").lstrip("…/")
    return any(known.endswith(end) for verb, known in described if verb == method)


def _without_names(address: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", address)


def test_links_lead_somewhere() -> None:
    headings = {page: [_anchor(line) for line in _headings(page)] for page in PAGES}
    assert [page.name for page, found in headings.items() if len(set(found)) != len(found)] == []
    lost = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text())
        if not _leads_somewhere(page, link, headings)
    ]
    assert lost == []


def _headings(page: Path) -> list[str]:
    """Without what stands between fences: there a # begins a comment."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+)$", prose, re.MULTILINE)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _leads_somewhere(page: Path, link: str, headings: dict[Path, list[str]]) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return target.exists() and (not anchor or anchor in headings[target])
