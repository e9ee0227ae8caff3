"""What belongs to a workspace or to a person and not into something published: addresses, ids, hosts, names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import Subject, Text, shown
from marketplace.checks.visible import plain

CODES = {
    "tenant_data.mail": "Mail addresses",
    "tenant_data.internal_host": "Hosts and addresses of an inner network",
    "tenant_data.id": "Ids of a workspace's things",
    "tenant_data.address": "Addresses of pages of a workspace",
    "tenant_data.document": "Names of the workspace's documents",
    "tenant_data.person": "Names of the workspace's members",
    "tenant_data.account": "Numbers of bank accounts and cards",
}
MAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})")
HOST = re.compile(
    r"(?i)(?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,6}(?:local|internal|intranet|corp|lan|localdomain|private|home\.arpa|cluster\.local)(?![a-z0-9-])"
)
IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)")
LOCALHOST = re.compile(r"(?i)\blocalhost:\d{2,5}\b")
UUID = re.compile(r"(?i)(?<![0-9a-z-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z-])")
PAGE = re.compile(r"/w/([a-z0-9-]{1,63})/")
IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])")
CARD = re.compile(r"(?<![\d-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{2,7}(?![\d-])")
NOBODYS = ("example", "invalid", "test", "example.com", "example.org", "example.net")
SHORTEST_NAME = 6
GENERIC = frozenset(
    {"report", "readme", "document", "notes", "summary", "contract", "invoice", "minutes", "proposal", "meeting notes"}
)


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        yield from _mails(subject, text)
        yield from _hosts(subject, text)
        yield from _ids(subject, text)
        yield from _accounts(subject, text)
        if text.is_prompt and not text.is_name:
            yield from _names(subject, text)


def _mails(subject: Subject, text: Text) -> Iterator[Finding]:
    for match in MAIL.finditer(text.value):
        domain = match[1].lower()
        if domain.endswith(tuple(f".{end}" for end in NOBODYS)) or domain in NOBODYS:
            continue
        own = domain in subject.around.domains
        severity = Severity.ERROR if own else Severity.WARNING
        whose = "an address of your workspace’s people" if own else "a mail address"
        fix = "Take it out, ask for it as an input, or write somebody@example.com."
        yield subject.found(
            "tenant_data.mail",
            severity,
            text.path,
            f"Here stands {whose}.",
            fix,
            at=match.start(),
            evidence=subject.mask(match[0]),
        )


def _hosts(subject: Subject, text: Text) -> Iterator[Finding]:
    fix = "Take it out; it means nothing elsewhere and tells strangers about your network."
    for pattern in (HOST, LOCALHOST, IPV4):
        for match in pattern.finditer(text.value):
            if pattern is IPV4 and not _is_inner(match[0]):
                continue
            inner = not match[0].lower().startswith(("localhost", "127."))
            message = f"“{shown(match[0])}” is {'a host of an inner network' if inner else 'wherever it is read'}."
            severity = Severity.ERROR if inner else Severity.INFO
            yield subject.found("tenant_data.internal_host", severity, text.path, message, fix, at=match.start())


def _is_inner(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_private and not text.startswith(
            ("0.", "192.0.2.", "198.51.100.", "203.0.113.")
        )
    except ValueError:
        return False


def ids_in(texts: tuple[Text, ...]) -> frozenset[str]:
    """Everything that has the form of an id, in lower case; whoever knows the workspace can say which of them are its own."""
    return frozenset(match[0].lower() for text in texts for match in UUID.finditer(text.value))


def _ids(subject: Subject, text: Text) -> Iterator[Finding]:
    for match in UUID.finditer(text.value):
        own = match[0].lower() in subject.around.ids
        message = "This is the id of something in your workspace." if own else "This has the form of an id."
        severity = Severity.ERROR if own else Severity.WARNING
        fix = "Take it out; elsewhere it names nothing. What a run works on is asked for as an input."
        yield subject.found(
            "tenant_data.id", severity, text.path, message, fix, at=match.start(), evidence=subject.mask(match[0])
        )
    for match in PAGE.finditer(text.value):
        own = match[1] == subject.around.workspace
        message = f"“{shown(match[0])}” is an address inside a workspace."
        fix = "Take it out; nobody else can open it."
        severity = Severity.ERROR if own else Severity.WARNING
        yield subject.found("tenant_data.address", severity, text.path, message, fix, at=match.start())


def _names(subject: Subject, text: Text) -> Iterator[Finding]:
    """Titles of documents and names of people, as whole words; short and general ones would be found everywhere."""
    told = {"tenant_data.document": "a document", "tenant_data.person": "a member"}
    for code, names in (
        ("tenant_data.document", subject.around.documents),
        ("tenant_data.person", subject.around.people),
    ):
        for name in names:
            start = _position(name, text)
            if start is not None:
                message = f"Here stands the name of {told[code]} of your workspace."
                fix = "Take it out, or ask for it as an input."
                evidence = subject.mask(name)
                severity = Severity.ERROR if code == "tenant_data.document" else Severity.WARNING
                yield subject.found(code, severity, text.path, message, fix, at=start, evidence=evidence)


def _position(name: str, text: Text) -> int | None:
    wanted = plain(name).text.strip()
    if len(wanted) < SHORTEST_NAME or wanted in GENERIC:
        return None
    said = text.plain.text
    start = said.find(wanted)
    while start >= 0:
        around = said[start - 1 : start] + said[start + len(wanted) : start + len(wanted) + 1]
        if not any(letter.isalnum() for letter in around):
            return text.plain.place(start)
        start = said.find(wanted, start + 1)
    return None


def _accounts(subject: Subject, text: Text) -> Iterator[Finding]:
    fix = "Take it out; ask for it as an input, if it is needed at all."
    for match in IBAN.finditer(text.value):
        if _is_iban(match[0].replace(" ", "")):
            yield _account(subject, text, match, "the number of a bank account", fix)
    for match in CARD.finditer(text.value):
        if _is_card(re.sub(r"\D", "", match[0])):
            yield _account(subject, text, match, "the number of a payment card", fix)


def _account(subject: Subject, text: Text, match: re.Match[str], what: str, fix: str) -> Finding:
    evidence, message = subject.mask(match[0]), f"This is {what}."
    return subject.found(
        "tenant_data.account", Severity.ERROR, text.path, message, fix, at=match.start(), evidence=evidence
    )


def _is_iban(text: str) -> bool:
    """ISO 13616: modulo 97."""
    digits = "".join(str(int(letter, 36)) for letter in text[4:] + text[:4])
    return 15 <= len(text) <= 34 and int(digits) % 97 == 1


def _is_card(digits: str) -> bool:
    """ISO 7812: Luhn's sum, and not one digit over and over."""
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2]]
    plainly = [int(digit) for digit in digits[-1::-2]]
    return 14 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(doubled) + sum(plainly)) % 10 == 0


CHECK = Check("tenant_data", CODES, look)
