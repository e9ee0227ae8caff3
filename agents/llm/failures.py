"""What a provider's error means to us, said without secrets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from agents.llm.types import (
    ContextTooLong,
    CredentialRefused,
    LLMError,
    ModelMissing,
    PolicyRefused,
    ProviderOverloaded,
    RateLimited,
    RequestRefused,
)

TRY_LATER = frozenset({408, 409, 425, 429})
CREDENTIAL = frozenset({401, 402, 403})
NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"})
TOO_LONG = frozenset({"context_length_exceeded", "request_too_large", "exceed_context_size_error"})
POLICY = frozenset({"content_policy_violation", "content_filter", "ResponsibleAIPolicyViolation"})

_NO_KEY = re.compile(r"api key not valid|credit balance is too low", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context (?:length|window|size)|maximum context|prompt is too long|input token count .*exceeds|too many tokens",
    re.IGNORECASE,
)
_POLICY = re.compile(r"content policy|usage polic|content management policy|blocked by .*safety", re.IGNORECASE)

_SECRET = re.compile(
    r"(?:sk|pk|rk|gsk|hf|xai|AIza)[-_][\w*.-]{6,}|\b(?:bearer|basic)\s+[\w.~+/=*-]{6,}|gh_[\w-]{8,}",
    re.IGNORECASE,
)
_LONGEST = 300
LONGEST_WAIT = 86_400.0  # seconds; whoever says more of when to come back says nothing of use


def redact(text: str, *secrets: str) -> str:
    """`text` in one line of at most 300 characters, without `secrets` and without anything that looks like a key."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[removed]")
    text = _SECRET.sub("[removed]", text)
    if "<html" in text.lower() or "<!doctype" in text.lower():
        return "a web page"
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + "…"


def from_status(
    status: int, message: str, *, provider: str, secret: str = "", code: str = "", retry_after: float | None = None
) -> LLMError:
    """The error for an HTTP status. `message` is the provider's text, quoted after redaction; `code` its word for it."""
    said = redact(message, secret)
    tail = f": {said}" if said else "."
    if status in CREDENTIAL or code in NO_CREDIT or _NO_KEY.search(said):
        return CredentialRefused(f"{provider} refused the credential ({status}){tail}", provider=provider)
    if status in TRY_LATER or status >= 500:
        kind = RateLimited if status == 429 else ProviderOverloaded
        return kind(f"{provider} is overloaded or failing ({status}){tail}", provider=provider, retry_after=retry_after)
    return _refusal(status, said, code)(f"{provider} refused the request ({status}){tail}", provider=provider)


def _refusal(status: int, said: str, code: str) -> type[RequestRefused]:
    if status == 404 or code == "model_not_found":
        return ModelMissing
    if code in TOO_LONG or _TOO_LONG.search(said):
        return ContextTooLong
    if code in POLICY or _POLICY.search(said):
        return PolicyRefused
    return RequestRefused


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After` (a number or a date) or `Retry-After-Ms`, a day at most; None where absent, unreadable or not ahead."""
    if milliseconds := _number(headers.get("retry-after-ms", "")):
        return ahead(milliseconds / 1000)
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return ahead(_until(value) if seconds is None else seconds)


def ahead(seconds: float | None) -> float | None:
    """A wait that somebody asked for, a day at most; None where it is none."""
    return min(seconds, LONGEST_WAIT) if seconds and seconds > 0 else None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def place(url: str) -> str:
    """Host and port of an address, without the credentials that it may carry; RequestRefused if it is no address."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise RequestRefused("The address that is set for the model server is not one, such as http://localhost:11434.")
    return f"{host}:{port}" if port else host
