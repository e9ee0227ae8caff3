"""Citations of a text as links to the passages that they name, with the verdict of the check."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.urls import reverse

from agents.knowledge import queries
from agents.knowledge.checking import citations_of
from agents.knowledge.citations import Checked, find, normal, same_place
from agents.knowledge.models import Chunk
from projects.rendering import Look, Source

Stored = Mapping[str, Sequence[Sequence[Chunk]]]


def look_for(text: str) -> Look:
    """A look at the citations of `text`, in their order."""
    checked = citations_of(text)
    stored = queries.stored_passages(each.citation.document for each in checked)
    waiting: dict[tuple[str, str], deque[Source]] = defaultdict(deque)
    for each in checked:
        waiting[each.citation.document, each.citation.locator].append(Source(_address(each, stored), each.status))

    def look(document: str, locator: str, _: int) -> Source:
        found = find(f"[{document}, {locator}]")
        sources = waiting.get((found[0].document, found[0].locator)) if found else None
        return sources.popleft() if sources else Source()

    return look


def _address(checked: Checked, stored: Stored) -> str:
    """The page of the document, at the passage that holds the words or else the place; empty when there is none."""
    place = checked.found_at or checked.citation.locator
    passages = [chunk for chunks in stored.get(checked.citation.document, ()) for chunk in chunks]
    at_place = [chunk for chunk in passages if same_place(place, chunk.locator)]
    chunk = _holding(checked.citation.quote, at_place or passages[:1])
    if chunk is None:
        return ""
    page = reverse("agents:document", settings.ROOT_URLCONF, args=[chunk.document_id])  # read from a public page, too
    return f"{page}?passage={chunk.position}#passage-{chunk.position}"


def _holding(quote: str, chunks: Iterable[Chunk]) -> Chunk | None:
    words = normal(quote)
    return min(chunks, key=lambda chunk: words not in normal(chunk.text), default=None)
