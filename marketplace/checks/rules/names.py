"""Names that are kept for somebody, forbidden, or taken for another's: by what they look like, and by how little separates them."""

from __future__ import annotations

from collections.abc import Iterator

from agents.documents import Path
from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import KnownName, Subject, shown
from marketplace.checks.visible import is_invisible, scripts, skeleton

CODES = {
    "name.reserved": "Names that are kept for somebody",
    "name.prohibited": "Names that nobody may use",
    "name.lookalike": "Names that look like another's",
    "name.near": "Names that are nearly another's",
    "name.mixed_scripts": "Names in several alphabets",
    "name.claims": "Names that claim to be official",
}
NAMESPACE: Path = ("metadata", "namespace")
SLUG: Path = ("metadata", "name")
TITLE: Path = ("metadata", "title")
FORGED = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC"}
CLAIMS = ("official", "verified", "certified", "endorsed", "guildhall")
SHORT, LONG = 5, 10
HOUSE = "guildhall"


def look(subject: Subject) -> Iterator[Finding]:
    yield from _reserved(subject)
    yield from _forged(subject)
    yield from _claims(subject)
    yield from _taken(subject)


def _reserved(subject: Subject) -> Iterator[Finding]:
    about, around = subject.manifest.metadata, subject.around
    for path, name in ((NAMESPACE, about.namespace), (SLUG, about.name)):
        looks = skeleton(name)
        for kept in around.reserved:
            if looks == skeleton(kept) and path is NAMESPACE:
                message = f"“{name}” is kept for somebody, or looks like “{kept}”, which is."
                yield subject.found(
                    "name.reserved", Severity.ERROR, path, message, "Choose another name, or show that it is yours."
                )
        for bad in around.prohibited:
            if skeleton(bad) in {looks, *map(skeleton, name.split("-"))}:
                yield subject.found(
                    "name.prohibited", Severity.ERROR, path, f"“{name}” may not be used.", "Choose another name."
                )


def _forged(subject: Subject) -> Iterator[Finding]:
    title = subject.manifest.metadata.title
    found = scripts(title)
    if "LATIN" in found and found & FORGED:
        names = ", ".join(sorted(name.title() for name in found))
        message = f"The title mixes alphabets ({names}), so that it reads like another name."
        yield subject.found("name.mixed_scripts", Severity.ERROR, TITLE, message, "Write it in one alphabet.")
    if any(map(is_invisible, title)) and not found & {"ARABIC", "HEBREW", "DEVANAGARI", "THAI", "BENGALI", "TAMIL"}:
        message = f"The title holds characters that nobody sees: {shown(title)}."
        yield subject.found("name.lookalike", Severity.ERROR, TITLE, message, "Type it anew.")


def _claims(subject: Subject) -> Iterator[Finding]:
    about = subject.manifest.metadata
    if about.namespace == HOUSE:
        return
    words = about.title.lower().replace("-", " ").split()
    for claim in CLAIMS:
        if claim in words:
            message = f"“{claim.title()}” in a title says that somebody else stands behind it."
            yield subject.found("name.claims", Severity.WARNING, TITLE, message, "Leave the word out of the title.")


def _taken(subject: Subject) -> Iterator[Finding]:
    """Of the names that people know, those that this one would be taken for; the worst one only."""
    about = subject.manifest.metadata
    others = [known for known in subject.around.names if known.namespace != about.namespace]
    for known in others:
        if skeleton(about.title) == skeleton(known.title) or skeleton(about.name) == skeleton(known.slug):
            yield _finding(subject, "name.lookalike", Severity.ERROR, known, "looks the same as")
            return
    for known in others:
        if _near(about.name, known.slug) or _near(about.title, known.title):
            yield _finding(subject, "name.near", Severity.WARNING, known, "is nearly the name of")
            return


def _finding(subject: Subject, code: str, severity: Severity, known: KnownName, says: str) -> Finding:
    about = subject.manifest.metadata
    path = TITLE if skeleton(about.title) == skeleton(known.title) else SLUG
    message = f"“{about.title}” ({about.name}) {says} “{known.title}” of {known.namespace}, which people know."
    return subject.found(code, severity, path, message, "Choose a name that nobody can take for the other.")


def _near(one: str, other: str) -> bool:
    """One slip of the keyboard apart, two where the name is long."""
    one, other = skeleton(one), skeleton(other)
    shortest = min(len(one), len(other))
    if shortest < SHORT:
        return False
    return distance(one, other, most=2 if shortest >= LONG else 1) is not None


def distance(one: str, other: str, *, most: int) -> int | None:
    """Letters to add, drop, change, or swap with their neighbour (Damerau, restricted); None for more than `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


CHECK = Check("name", CODES, look)
