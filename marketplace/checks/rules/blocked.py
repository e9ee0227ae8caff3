"""What the platform has stopped may not come back as a part of something else."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import Subject
from marketplace.manifest.powers import tools_of

CODES = {
    "blocked.digest": "The same content as something blocked",
    "blocked.ancestor": "Made from something blocked",
    "blocked.tool": "Tools that are blocked",
    "blocked.publisher": "Publishers that are blocked",
}
FIX = "Look up the decision on the page of what is blocked; it says what to change and how to appeal."


def look(subject: Subject) -> Iterator[Finding]:
    about, blocked = subject.manifest.metadata, subject.around.blocked
    if subject.digest in blocked.digests:
        yield subject.found("blocked.digest", Severity.ERROR, (), "Exactly this content is blocked.", FIX)
    if about.forked_from and about.forked_from.digest in blocked.digests:
        message = f"{about.forked_from.ref}, from which it was made, is blocked."
        yield subject.found("blocked.ancestor", Severity.ERROR, ("metadata", "forked_from"), message, FIX)
    for tool in sorted({*tools_of(subject.manifest.spec), *subject.manifest.requires.tools} & blocked.tools):
        fix = "Do without it; it is stopped everywhere."
        yield subject.found("blocked.tool", Severity.ERROR, ("requires", "tools"), f"The tool {tool} is blocked.", fix)
    if about.namespace in blocked.publishers:
        message = f"{about.namespace} is blocked and publishes nothing."
        yield subject.found("blocked.publisher", Severity.ERROR, ("metadata", "namespace"), message, FIX)


CHECK = Check("blocked", CODES, look)
