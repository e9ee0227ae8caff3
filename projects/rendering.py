"""What a model or a document wrote, as HTML that loads nothing and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Literal

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_CHARACTERS = 40_000  # reading Markdown may take the square of its length
REST = "<p><em>This is long; the rest is left out here. The API and Copy give the whole.</em></p>"
CITATION = re.compile(
    r"\[(?P<document>[^\[\]\n]{1,255}?),\s*"
    r"(?P<locator>(?:pp?\.|pages?|lines?|rows?)\s?\d+(?:\s?[-–]\s?\d+)?|§\s?[^\[\]\n]{1,300})\]",
    re.IGNORECASE,
)
TAGS = set(
    re.findall(
        r"\w+", "a b blockquote br code del em h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul"
    )
)
HIGHEST = 3

Verdict = Literal["verified", "not_found", "unknown_document", "unquoted", "unchecked"]
VERDICTS: dict[Verdict, str] = {
    "verified": "quotation found in the document",
    "not_found": "quotation not found there",
    "unknown_document": "no such document here",
    "unquoted": "no quotation to check",
    "unchecked": "not checked",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a citation leads, and whether its quotation was found there."""

    url: str = ""
    verdict: Verdict = "unchecked"


Look = Callable[[str, str, int], Source]
"""From a document's name, a locator and the number of the citation in the text (from 0) to its source."""


def render_markdown(text: str, *, look: Look | None = None) -> SafeString:
    """Markdown as safe HTML: no raw HTML, no images, headings from h3 down, foreign links without referrer.

    Citations such as `[harbour-study.pdf, p. 2]` become marks that `look` links and judges.
    """
    tokens = _parser().parse(text[:MOST_CHARACTERS])
    _lower_headings(tokens)
    if look is not None:
        _mark_citations(tokens, look)
    html = _parser().renderer.render(tokens, _parser().options, {})
    rest = REST if len(text) > MOST_CHARACTERS else ""
    return mark_safe(_clean(html) + rest)  # noqa: S308 - cleaned by nh3 in the same line


def opening(text: str) -> str:
    """The first paragraph of a Markdown text as plain words."""
    tokens = _parser().parse(text[:MOST_CHARACTERS])
    first = next((token for token in tokens if token.type == "inline"), None)
    return " ".join("".join(child.content or _gap(child) for child in first.children or ()).split()) if first else ""


def _gap(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else ""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "reference"])


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title", "data-verdict"}, "span": {"title", "data-verdict"}, "ol": {"start"}},
        allowed_classes={"a": {"cite"}, "span": {"cite", "sr"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _lower_headings(tokens: list[Token]) -> None:
    """Headings begin at h3 and go down one at a time, whatever the text does."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((_level(token) for token in headings), default=1)
    before = HIGHEST - 1
    for token in headings:
        if token.type == "heading_open":
            before = min(_level(token) - highest + HIGHEST, before + 1, 6)
        token.tag = f"h{before}"


def _level(heading: Token) -> int:
    return int(heading.tag[1:])


def _mark_citations(tokens: list[Token], look: Look) -> None:
    number = 0
    for token in tokens:
        if token.type == "inline" and token.children:
            children: list[Token] = []
            for child in token.children:
                parts = _split(child, look, number)
                number += sum(part.type == "html_inline" for part in parts)
                children.extend(parts)
            token.children = children


def _split(token: Token, look: Look, number: int) -> list[Token]:
    """A text token cut at its citations."""
    if token.type != "text":
        return [token]
    parts: list[Token] = []
    end = 0
    for match in CITATION.finditer(token.content):
        source = look(match["document"], match["locator"], number + len(parts) // 2)
        parts.append(_text(token.content[end : match.start()]))
        parts.append(Token("html_inline", "", 0, content=_mark(match[0], source)))
        end = match.end()
    return [*parts, _text(token.content[end:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _mark(words: str, source: Source) -> str:
    said = VERDICTS[source.verdict]
    tag, link = ("a", f' href="{escape(source.url)}"') if source.url else ("span", "")
    return (
        f'<{tag} class="cite" data-verdict="{source.verdict}" title="{said}"{link}>{escape(words)}'
        f'<span class="sr"> ({said})</span></{tag}>'
    )
