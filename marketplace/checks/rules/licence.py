"""Whose work it is: what a licence asks of whoever goes on from it, and what was gone on from without saying so."""

from __future__ import annotations

from collections.abc import Iterator

from agents.documents import Path
from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import Near, Subject

CODES = {
    "licence.obligation": "What the licence of the original asks for",
    "licence.closed": "Going on from what may not be gone on from",
}
LINEAGE_CODES = {
    "lineage.unknown": "An original that does not exist",
    "lineage.changed": "An original that is another than it says",
    "lineage.near_copy": "Nearly the same as something published",
}
KEPT: dict[str, frozenset[str]] = {
    "CC-BY-SA-4.0": frozenset({"CC-BY-SA-4.0"}),
    "CC-BY-4.0": frozenset({"CC-BY-4.0", "CC-BY-SA-4.0", "proprietary"}),
}
"""Licences under which one that goes on may stand; those of software allow any, as long as the notice is kept."""
NOTICE = {"Apache-2.0", "MIT", "BSD-3-Clause", "CC-BY-4.0", "CC-BY-SA-4.0"}
LICENCE: Path = ("metadata", "license")
FORK: Path = ("metadata", "forked_from")
COPY = 0.9


def look(subject: Subject) -> Iterator[Finding]:
    """A fork keeps the obligations of its original, said or found."""
    ancestor = subject.around.ancestor
    if ancestor is None or not ancestor.licence or _is_own(subject, ancestor.ref):
        return
    mine = subject.manifest.metadata.license
    if ancestor.licence == "proprietary":
        message = f"{ancestor.ref} may not be gone on from: its publisher keeps all rights."
        yield subject.found("licence.closed", Severity.ERROR, LICENCE, message, "Ask its publisher, or write your own.")
    elif mine not in KEPT.get(ancestor.licence, {mine}):
        allowed = ", ".join(sorted(KEPT[ancestor.licence]))
        message = f"{ancestor.ref} is under {ancestor.licence}; what goes on from it stays under {allowed}, and this is under {mine}."
        yield subject.found("licence.obligation", Severity.ERROR, LICENCE, message, f"Set license to {allowed}.")
    elif ancestor.licence in NOTICE and ancestor.ref.partition("@")[0] not in subject.manifest.metadata.description:
        message = f"{ancestor.licence} asks that {ancestor.ref} is named."
        fix = "The page names it from forked_from; name it in the description too, if you export the manifest."
        yield subject.found("licence.obligation", Severity.INFO, LICENCE, message, fix)


def look_at_lineage(subject: Subject) -> Iterator[Finding]:
    fork, ancestor = subject.manifest.metadata.forked_from, subject.around.ancestor
    if fork and ancestor is None:
        message = f"There is no published {fork.ref}."
        yield subject.found("lineage.unknown", Severity.ERROR, FORK, message, "Name the version that it was made from.")
    elif fork and ancestor and ancestor.digest != fork.digest:
        message = f"{fork.ref} has another digest than this says."
        yield subject.found("lineage.changed", Severity.ERROR, FORK, message, f"Write {ancestor.digest}.")
    yield from _copies(subject)


def _copies(subject: Subject) -> Iterator[Finding]:
    """The nearest one only; a publisher may go on from its own work unasked."""
    fork = subject.manifest.metadata.forked_from
    others = [near for near in subject.around.near if not _is_own(subject, near.ref)]
    if fork or not others:
        return
    near = max(others, key=lambda each: each.likeness)
    severity = Severity.ERROR if near.likeness >= COPY else Severity.WARNING
    message = f"{near.likeness:.0%} of its words stand in {near.ref} in the same order."
    yield subject.found("lineage.near_copy", severity, ("metadata",), message, _suggestion(near))


def _suggestion(near: Near) -> str:
    return f"Say so under metadata: forked_from: {{ref: {near.ref}, digest: {near.digest}}}. Its licence is {near.licence}."


def _is_own(subject: Subject, ref: str) -> bool:
    return ref.partition("/")[0] == subject.manifest.metadata.namespace


CHECK = Check("licence", CODES, look)
LINEAGE = Check("lineage", LINEAGE_CODES, look_at_lineage)
