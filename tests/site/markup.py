"""What is wrong with a page, found without a browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
NAMELESS_INPUTS = frozenset({"hidden", "submit", "button"})
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "for", "form", "list")
HEADING = re.compile(r"h([1-6])")
LOCAL = re.compile(r"/(?!/)|#|\?|data:|mailto:|$")


@dataclass
class Element:
    """A tag with its attributes, what it says, and where it stands."""

    tag: str
    attributes: dict[str, str]
    line: int
    parents: tuple[str, ...] = ()
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def __str__(self) -> str:
        shown = " ".join(
            f'{name}="{value}"' for name, value in self.attributes.items() if name in {"id", "name", "class", "href"}
        )
        return f"<{self.tag} {shown}> in line {self.line}"

    @property
    def name(self) -> str:
        """What a screen reader would say: label, text, or the alternative text inside."""
        inside = " ".join(
            child.attributes.get("alt", "") or child.attributes.get("aria-label", "") for child in self.children
        )
        return (self.attributes.get("aria-label") or self.text or inside).strip()


class Page(HTMLParser):
    """All elements of a page in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.unclosed: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(
            tag,
            {name: value or "" for name, value in attrs},
            self.getpos()[0],
            tuple(parent.tag for parent in self._open),
        )
        self.elements.append(element)
        for parent in self._open:
            parent.children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.unclosed.append(
                f"</{tag}> in line {self.getpos()[0]} closes {self._open[-1] if self._open else 'nothing'}"
            )
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def of(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


def problems(html: str) -> list[str]:
    """Every way in which a page breaks the house rules; empty for a good one."""
    return problems_of(Page(html))


def problems_of(page: Page) -> list[str]:
    checks = (
        _document,
        _headings,
        _ids,
        _references,
        _names,
        _inputs,
        _nothing_inline,
        _forms,
        _nothing_foreign,
        _lists,
    )
    return [*(f"badly nested: {each}" for each in page.unclosed), *(found for check in checks for found in check(page))]


def _document(page: Page) -> Iterator[str]:
    if not any(html.attributes.get("lang") for html in page.of("html")):
        yield "no lang"
    titles = [title.text.strip() for title in page.of("title") if "svg" not in title.parents]
    if len(titles) != 1 or len(titles[0]) <= len("· Guildhall"):
        yield f"title {titles}"
    if len(page.of("main")) != 1:
        yield f"{len(page.of('main'))} main elements"
    if not any(meta.attributes.get("name") == "viewport" for meta in page.of("meta")):
        yield "no viewport"


def _headings(page: Page) -> Iterator[str]:
    levels = [int(match[1]) for element in page.elements if (match := HEADING.fullmatch(element.tag))]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"h{before} is followed by h{after}"
    for element in page.of("h1", "h2", "h3", "h4", "h5", "h6"):
        if not element.name:
            yield f"empty heading {element}"


def _ids(page: Page) -> Iterator[str]:
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    yield from (f"id {name!r} {count} times" for name, count in ids.items() if count > 1)


def _references(page: Page) -> Iterator[str]:
    ids = {element.attributes.get("id") for element in page.elements}
    for element in page.elements:
        for attribute in REFERENCES:
            for wanted in element.attributes.get(attribute, "").split():
                if wanted not in ids:
                    yield f"{element} {attribute} names {wanted!r}, which is not there"
    for link in page.of("a"):
        href = link.attributes.get("href", "")
        if len(href) > 1 and href.startswith("#") and href[1:] not in ids:
            yield f"{link} leads nowhere"


def _names(page: Page) -> Iterator[str]:
    for element in page.of("a", "button", "summary"):
        if not element.name and "aria-labelledby" not in element.attributes:
            yield f"{element} has no name"
    for image in page.of("img"):
        if "alt" not in image.attributes:
            yield f"{image} has no alt"
    for button in page.of("button"):
        if "type" not in button.attributes:
            yield f"{button} has no type"


def _inputs(page: Page) -> Iterator[str]:
    labelled = {label.attributes.get("for") for label in page.of("label")}
    for element in page.of("input", "select", "textarea"):
        given = element.attributes
        if given.get("type") in NAMELESS_INPUTS or "hidden" in given:
            continue
        if not (
            given.get("id") in labelled
            or given.get("aria-label")
            or given.get("aria-labelledby")
            or "label" in element.parents
        ):
            yield f"{element} has no label"


def _nothing_inline(page: Page) -> Iterator[str]:
    for element in page.elements:
        for name in element.attributes:
            if name == "style" or name.startswith(("on", "hx-on")):
                yield f"{element} has {name}="
    yield from (f"{element}" for element in page.of("style"))
    for script in page.of("script"):
        if "src" not in script.attributes and script.attributes.get("type") != "application/json":
            yield f"inline {script}"


def _forms(page: Page) -> Iterator[str]:
    for form in page.of("form"):
        if form.attributes.get("method", "get").lower() == "post":
            if not any(child.attributes.get("name") == "csrfmiddlewaretoken" for child in form.children):
                yield f"{form} has no CSRF token"
            if not any(child.tag == "button" for child in form.children):
                yield f"{form} has no button"


def _nothing_foreign(page: Page) -> Iterator[str]:
    for element in page.of("script", "link", "img", "iframe", "source", "form"):
        for attribute in ("src", "href", "action", "srcset"):
            if not LOCAL.match(element.attributes.get(attribute, "")):
                yield f"{element} loads {element.attributes[attribute]}"
    for link in page.of("a"):
        if link.attributes.get("href", "").lower().startswith(("javascript:", "data:")):
            yield f"{link} runs"


def _lists(page: Page) -> Iterator[str]:
    for item in page.of("li"):
        if not item.parents or item.parents[-1] not in {"ul", "ol", "menu"}:
            yield f"{item} outside a list"
    for cell in page.of("dt", "dd"):
        if "dl" not in cell.parents[-2:]:
            yield f"{cell} outside a dl"
