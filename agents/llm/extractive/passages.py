"""The passages that a conversation holds: blocks under a label, and quotations with their citation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agents.knowledge.citations import find
from agents.llm.types import Message

MOST_TEXT = 1_000_000  # characters that are looked at; more would be slow, and no model would read it either

_OBSERVATION = re.compile(r"^Observation:(.*?)(?=^Thought:|\Z)", re.MULTILINE | re.DOTALL)
_DIVIDER = re.compile(r"\n\s*-{4,}\s*\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """Text of a document at a locator, letter by letter.

    `handed_on` says that an earlier task chose it; `heading` is the line that it stood under there.
    """

    document: str
    locator: str
    text: str
    heading: str = ""
    handed_on: bool = False


def passages_in(messages: Sequence[Message]) -> list[Passage]:
    """Every passage of the conversation once, in order: from tool results, and from what earlier tasks handed on."""
    found: dict[tuple[str, str, str], Passage] = {}
    for passage in _all(messages):
        found.setdefault((passage.document, passage.locator, " ".join(passage.text.split())), passage)
    return list(found.values())


def without_passages(text: str) -> str:
    """What is left of a text when the passages in it are taken out."""
    return "\n".join(_outside(text.splitlines()))


def without_quotations(text: str) -> str:
    """What is left of a text when citations and the words they stand for are taken out."""
    end, kept = 0, []
    for citation in find(text):
        kept.append(text[end : citation.start])
        end = citation.end
    return "".join([*kept, text[end:]])


def label(line: str) -> tuple[str, str] | None:
    """Document and locator if the line is a label such as `[study.pdf, p. 2]`, and nothing else."""
    line = line.strip()
    if not (line.startswith("[") and line.endswith("]")):
        return None
    citations = find(line)
    if len(citations) != 1 or (citations[0].start, citations[0].end) != (0, len(line)):
        return None
    return citations[0].document, citations[0].locator


def _all(messages: Sequence[Message]) -> Iterator[Passage]:
    room = MOST_TEXT
    for message in messages:
        text = message.content[:room]
        room -= len(text)
        if message.role == "tool":
            yield from _blocks(text.splitlines(), to_next_label=True)
        elif message.role == "user":
            yield from _from_prose(text)
        elif message.role == "assistant":
            for observation in _OBSERVATION.findall(text):
                yield from _blocks(observation.splitlines(), to_next_label=True)


def _from_prose(text: str) -> Iterator[Passage]:
    for part in _DIVIDER.split(text):
        for block in _blocks(part.splitlines(), to_next_label=False):
            yield replace(block, handed_on=True)
        yield from _quotations(without_passages(part))


def _blocks(lines: Iterable[str], *, to_next_label: bool) -> Iterator[Passage]:
    """Blocks under labels. A tool sends nothing but blocks, so theirs may hold empty lines; in prose an empty line ends one."""
    place: tuple[str, str] | None = None
    held: list[str] = []
    for line in [*lines, "[end, p. 0]"]:
        next_place = label(line)
        ends = next_place is not None or (not to_next_label and held and not line.strip())
        if ends and place is not None and any(part.strip() for part in held):
            yield Passage(*place, "\n".join(held).strip())
        if ends:
            place, held = next_place, []
        elif place is not None:
            held.append(line)


def _outside(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if label(line) is not None:
            inside = True
        elif inside and not line.strip():
            inside = False
        elif not inside:
            yield line


def _quotations(text: str) -> Iterator[Passage]:
    headings = [(found.start(), found.group(1)) for found in _HEADING.finditer(text)]
    for citation in find(text):
        if citation.quote:
            heading = next((title for start, title in reversed(headings) if start < citation.start), "")
            yield Passage(citation.document, citation.locator, citation.quote, heading, handed_on=True)


_HEADING = re.compile(r"^(?:#{1,4} |\*\*)(.+?)(?:\*\*)?$", re.MULTILINE)
