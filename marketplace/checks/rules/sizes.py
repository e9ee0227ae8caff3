"""How much of it there is, and whether it says anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.documents import MAX_BYTES
from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import Subject
from marketplace.manifest.canonical import canonical

CODES = {
    "size.manifest": "Manifests that are too large to read",
    "size.text": "Texts that nobody reads to the end",
    "size.word": "Words without end",
    "size.repeated": "The same line over and over",
}
LONG, TOO_LONG = 12_000, 40_000
WORD = re.compile(r"\S{600}")
REPEATED = 40


def look(subject: Subject) -> Iterator[Finding]:
    size = len(canonical(subject.manifest))
    if size > MAX_BYTES:
        message = f"It has {size // 1024} kB; at most {MAX_BYTES // 1024} are taken."
        yield subject.found("size.manifest", Severity.ERROR, (), message, "Put long material into documents.")
    for text in subject.texts:
        if len(text.value) > LONG:
            severity = Severity.ERROR if len(text.value) > TOO_LONG and text.is_prompt else Severity.WARNING
            message = f"This text has {len(text.value):,} characters; {LONG:,} are a lot to read, and to pay for in every call."
            yield subject.found("size.text", severity, text.path, message, "Shorten it, or put it into a document.")
        if match := WORD.search(text.value):
            message, fix = "Here stands a word of more than 600 characters.", "Take it out; it says nothing to people."
            yield subject.found("size.word", Severity.WARNING, text.path, message, fix, at=match.start())
        if repeated := _repeated(text.value):
            message, fix = f"The same line stands here {repeated} times.", "Say it once."
            yield subject.found("size.repeated", Severity.WARNING, text.path, message, fix)


def _repeated(text: str) -> int:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < REPEATED:
        return 0
    most = max(lines.count(line) for line in set(lines[:REPEATED]))
    return most if most >= REPEATED else 0


CHECK = Check("size", CODES, look)
