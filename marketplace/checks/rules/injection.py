"""Orders that the user of an agent would not want it to have: read in lower case, without invisible characters, forged letters undone.

Every expression is made of words with bounded gaps. What stands after a warning (“if a document says …, do not obey”) is noted, not held
against it: careful prompts speak of these things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.rules.orders import SIGNS, Sign
from marketplace.checks.subject import Subject, Text, shown

WARNED = re.compile(
    r"\b(?:never|not|n't|don.?t|refuse|resist|reject|even if|such as|like|attempts?|tries|tried|trying|asks? you|tells? you|instead of|treat|report|flag|detect|warn|beware|without ever|suspicious|injection|phishing)\b"
)
QUOTES = ("“", '"', "'", "‘", "«", "„")
REFUSED = re.compile(r"[”\"'’»“],? (?:then )?(?:do not|don.?t|never|you must not|refuse)\b")
BEFORE = 120


CODES = {
    "injection.override": "Orders to forget other orders",
    "injection.fake_roles": "Marks that pretend to be the system",
    "injection.asks_for_secrets": "Asking people for keys, passwords or cards",
    "injection.remote_orders": "Orders that are fetched from elsewhere",
    "injection.no_confirmation": "Going round a person’s consent",
    "injection.concealment": "Keeping things from the user",
    "injection.trigger": "Orders that wait for a moment",
    "injection.exfiltration": "Carrying data away",
    "injection.reveals": "Asking for prompts and settings",
    "injection.installs": "Installing or changing agents",
    "injection.to_reviewers": "Words to whoever judges it",
}
FIXES = {
    "injection.asks_for_secrets": "Ask for a credential in requires.credentials; people fill it in where nobody reads it.",
    "injection.remote_orders": "Write the instructions into the manifest: what is not in it is not looked at.",
    "injection.exfiltration": "Take it out. What leaves the workspace goes through a tool with a permission that people grant.",
    "injection.no_confirmation": "Let a person decide: name the tool under approvals or ask_before_tools.",
    "injection.trigger": "Say what it does always, or make the condition an input that people see.",
}
FIX = "Take it out, or say in plain words what is meant; if it warns of such orders, say so in the same sentence."


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        if not text.is_name:
            yield from _signs(subject, text)


def _signs(subject: Subject, text: Text) -> Iterator[Finding]:
    told: set[str] = set()
    for sign in SIGNS:
        if sign.code in told or not (sign.everywhere or text.is_prompt):
            continue
        match = _strongest(sign, text)
        if match is not None:
            told.add(sign.code)
            severity = Severity.INFO if _is_warning(sign, text, match) else sign.severity
            at, end = text.plain.place(match.start()), text.plain.place(match.end())
            message = f"{sign.what}: “{shown(text.value[at:end])}”."
            yield subject.found(sign.code, severity, text.path, message, FIXES.get(sign.code, FIX), at=at)


def _strongest(sign: Sign, text: Text) -> re.Match[str] | None:
    """The first place that is no warning, or else the first of all."""
    first = None
    for match in sign.pattern.finditer(text.plain.text):
        first = first or match
        if not _is_warning(sign, text, match):
            return match
    return first


def _is_warning(sign: Sign, text: Text, match: re.Match[str]) -> bool:
    """Whether the words before it in its sentence warn of it, or it is quoted."""
    if not sign.may_warn:
        return False
    said = text.plain.text
    before = re.split(r"[.!?:;] ", said[max(0, match.start() - BEFORE) : match.start()])[-1]
    if before.endswith(QUOTES) and REFUSED.match(said[match.end() : match.end() + BEFORE]):
        return True
    return WARNED.search(before) is not None


CHECK = Check("injection", CODES, look)
