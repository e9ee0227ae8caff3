"""HTML as a reader sees it: the text, what links it has, what it is called. Nothing is loaded, nothing is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from agents.knowledge.parsing.errors import ParseError
from agents.knowledge.parsing.web import read_html

MOST_LINKS = 60
LONGEST_LINK = 500


@dataclass(frozen=True, slots=True)
class WebPage:
    title: str
    text: str
    links: tuple[tuple[str, str], ...]


def read_page(html: str, *, url: str) -> WebPage:
    """The page's visible text by headings, and its links as absolute addresses."""
    head = _Head(url)
    head.feed(html)
    head.close()
    return WebPage(" ".join(head.title.split())[:300], _text(html), tuple(head.links.items()))


def _text(html: str) -> str:
    try:
        sections = read_html(html.encode(), "page.html")
    except ParseError:
        return ""
    parts = (f"{section.heading}\n{section.text}" if section.heading else section.text for section in sections)
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)).strip()


class _Head(HTMLParser):
    """Collects the title and the links, each address once with the first words that lead to it."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.links: dict[str, str] = {}
        self._base = url
        self._in_title = False
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = not self.title
        elif tag == "a" and (address := self._address(dict(attrs).get("href") or "")):
            self._link = address
            if len(self.links) < MOST_LINKS:
                self.links.setdefault(address, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif self._link in self.links and len(self.links[self._link]) < 100:
            self.links[self._link] = " ".join(f"{self.links[self._link]} {data}".split())[:100]

    def _address(self, href: str) -> str:
        try:
            found = urljoin(self._base, href.strip()).partition("#")[0]
            fits = urlsplit(found).scheme in {"http", "https"} and len(found) <= LONGEST_LINK and found != self._base
        except ValueError:
            return ""
        return found if fits else ""
