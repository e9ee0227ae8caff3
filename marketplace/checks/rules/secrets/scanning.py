"""Looking for secrets in one text: known kinds first, then what stands beside a telling word, then what is merely random."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from marketplace.checks.rules.secrets.kinds import KINDS
from marketplace.checks.rules.secrets.randomness import HEX, is_name, is_password, is_placeholder, is_random
from marketplace.checks.visible import is_invisible

NAMED = (
    r"pass(?:word|wd|phrase|code)|pwd|passwort|kennwort|mot de passe|contrase[nñ]a|secret(?:[ _-]?key)?|api[ _-]?(?:key|token|secret)"
    r"|(?:access|auth|account|client|private|signing|encryption|master|license|refresh|session|bot|deploy|service)[ _-]?(?:key|token|secret|password)"
    r"|token|credentials?|connection[ _-]?string"
)
CREDENTIAL = re.compile(rf"(?i)(?:{NAMED})s?$")
SAID = re.compile(
    rf"(?i)(?<![a-z])(?:{NAMED})s?[\"'`*_]{{0,3}}(?:\s{{1,3}}(?:for|of|to) [a-z0-9 ]{{1,30}}?)?\s{{0,3}}(?::=|=>|=|:|\bis\b|\blautet\b|\best\b|\bes\b)\s{{0,3}}[\"'`*]{{0,3}}([^\s\"'`]{{6,200}})"
)
NEARBY = re.compile(rf"(?i)(?:{NAMED}|key|aws|login|auth)")
TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{24,256}")
BLOB = re.compile(r"[A-Za-z0-9+/_-]{24,8192}={0,2}")
LOOK_BACK = 50
MOST = 500
"""Candidates in one text; each is compared with those before it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """`code` and `name` of its kind, where it starts, and itself, which goes no further than its mask. `sure` unless merely random."""

    code: str
    name: str
    at: int
    value: str
    sure: bool = True


def secrets_in(text: str) -> Iterator[Secret]:
    """Every secret, each stretch of text once; also what is only whole when invisible characters are gone, or when decoded."""
    taken: list[range] = []
    for secret in islice(_candidates(text), MOST):
        stretch = range(secret.at, secret.at + len(secret.value))
        if not any(stretch.start < other.stop and other.start < stretch.stop for other in taken):
            taken.append(stretch)
            yield secret
    yield from _hidden(text)


def secret_under(name: str, text: str) -> Secret | None:
    """A value that is a secret because of the name that it stands under."""
    value = text.strip()
    if CREDENTIAL.search(name) and " " not in value and is_password(value) and not is_placeholder(value):
        return Secret("secret.assigned", "a value that is called a secret", text.index(value), value)
    return None


def _candidates(text: str) -> Iterator[Secret]:
    yield from _known(text)
    yield from _said(text)
    yield from _random(text)


def _known(text: str) -> Iterator[Secret]:
    lower = text.lower()
    for kind in KINDS:
        if any(word in lower for word in kind.words):
            for match in kind.pattern.finditer(text):
                value = match[kind.secret]
                if not is_placeholder(value) and not (kind.is_token and is_name(value)):
                    yield Secret(kind.code, kind.name, match.start(kind.secret), value)


def _said(text: str) -> Iterator[Secret]:
    for match in SAID.finditer(text):
        value = match[1].rstrip(").,;:!?*")
        if is_password(value) and not is_placeholder(value) and "://" not in value:
            yield Secret("secret.assigned", "a value that is called a secret", match.start(1), value)


def _random(text: str) -> Iterator[Secret]:
    for match in TOKEN.finditer(text):
        value = match[0].strip("=-_/")
        if is_placeholder(value) or _is_address(text, match.start()):
            continue
        if is_random(value):
            yield Secret("secret.random", "a random text such as keys are", match.start(), value, sure=False)
        elif len(value) >= 32 and HEX.fullmatch(value) and _is_near(text, match.start()):
            yield Secret("secret.assigned", "a key in hexadecimal digits", match.start(), value)


def _is_near(text: str, start: int) -> bool:
    before = text[max(0, start - LOOK_BACK) : start]
    return NEARBY.search(before) is not None and "sha" not in before.lower() and "digest" not in before.lower()


def _is_address(text: str, start: int) -> bool:
    """Whether it is the path of an address, where long names are usual."""
    return "://" in text[max(0, start - LOOK_BACK) : start].rpartition(" ")[2]


def _hidden(text: str) -> Iterator[Secret]:
    if not text.isascii() and any(map(is_invisible, text)):
        whole = "".join(letter for letter in text if not is_invisible(letter))
        yield from (Secret(s.code, s.name, 0, s.value, s.sure) for s in _known(whole) if s.value not in text)
    for match in BLOB.finditer(text):
        if inner := decoded(match[0]):
            yield from (Secret(s.code, f"{s.name}, encoded", match.start(), s.value, s.sure) for s in _plainly(inner))


def _plainly(text: str) -> Iterator[Secret]:
    yield from _known(text)
    yield from _said(text)


def decoded(blob: str) -> str:
    """What a base64 text says, if that is readable; else nothing."""
    core = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(core + "=" * (-len(core) % 4), validate=True)
        said = raw.decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return said if sum(letter.isprintable() or letter in "\n\t\r" for letter in said) > 0.95 * len(said) else ""
