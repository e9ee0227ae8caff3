"""One request to an address that a user gave, whole: sent, followed on its own host, read to its limit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tenants.egress.body import BoundedStream
from tenants.egress.errors import EgressFailed, EgressRefused, EgressTimeout
from tenants.egress.policy import Policy
from tenants.egress.transport import EgressTransport
from tenants.egress.urls import parse, port_of

AGENT = "Guildhall/1"
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
LONGEST_HEADER = 4_096
OURS = {
    "accept-encoding", "connection", "content-length", "expect", "forwarded", "host", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade", "via",
}  # fmt: skip
OURS_BY_BEGINNING = ("proxy-", "x-forwarded-", "sec-", "x-real-")
FOLLOWED = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is where it came from in the end; `cut` says that the body was longer than the policy takes."""

    status: int
    url: str
    headers: httpx.Headers
    body: bytes
    cut: bool = False

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text, in the character set that it says it has, else UTF-8; what fits neither is replaced."""
        found = re.search(r"charset=[\"']?([\w.:-]{1,40})", self.headers.get("Content-Type", ""), re.IGNORECASE)
        try:
            return self.body.decode(found[1] if found else "utf-8", errors="replace")
        except LookupError:
            return self.body.decode("utf-8", errors="replace")


async def fetch(
    url: str,
    *,
    policy: Policy,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Ask once. Raises EgressRefused before anything is sent, EgressFailed afterwards; a status such as 500 is an answer."""
    given = {"User-Agent": AGENT, "Accept": "*/*", **checked(headers or {})}
    transport = EgressTransport(policy)
    try:
        async with asyncio.timeout(policy.seconds):
            return await _followed(transport, httpx.Request(method, parse(url), headers=given, content=body or None))
    except TimeoutError:
        raise EgressTimeout("timeout", f"This took longer than {policy.seconds:g} seconds.") from None
    finally:
        await transport.aclose()


def fetch_sync(
    url: str, *, policy: Policy, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """`fetch` for a thread without an event loop, such as a Celery task."""
    return asyncio.run(fetch(url, policy=policy, method=method, headers=headers, body=body))


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that a user may set. Raises EgressRefused for those that belong to the connection, and for hidden line ends."""
    for name, value in headers.items():
        lower = name.lower()
        if not NAME.fullmatch(name) or lower in OURS or lower.startswith(OURS_BY_BEGINNING):
            raise EgressRefused("header", f"The header “{name[:100]}” cannot be set here.")
        if len(value) > LONGEST_HEADER or not value.isascii() or (value and not value.isprintable()):
            raise EgressRefused("header", f"The value of the header “{name}” is not plain text.")
    return dict(headers)


async def _followed(transport: EgressTransport, request: httpx.Request) -> Answer:
    for _ in range(transport.policy.redirects + 1):
        answer = await _asked(transport, request)
        if answer.status not in FOLLOWED or request.method not in {"GET", "HEAD"} or "Location" not in answer.headers:
            return answer
        request = httpx.Request(
            request.method, _same_host(request.url, answer.headers["Location"]), headers=request.headers
        )
    raise EgressFailed("protocol", f"It redirects more than {transport.policy.redirects} times.")


def _same_host(url: httpx.URL, location: str) -> httpx.URL:
    """Where the redirect leads: only on the same host and port, or from http to https there."""
    try:
        target = url.join(parse(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise EgressRefused("redirect", "It redirects to something that is no web address.") from error
    same = (target.scheme, target.host) == (url.scheme, url.host) and port_of(target) == port_of(url)
    safer = (url.scheme, target.scheme) == ("http", "https") and target.host == url.host
    if not same and not (safer and url.port is None and target.port is None):
        raise EgressRefused("redirect", f"It redirects elsewhere, to {str(target)[:300]}. Ask for that address itself.")
    return target


async def _asked(transport: EgressTransport, request: httpx.Request) -> Answer:
    request.extensions["timeout"] = dict.fromkeys(("read", "write", "pool"), transport.policy.seconds)
    response = await transport.handle_async_request(request)
    try:
        answer = Answer(response.status_code, str(request.url), response.headers, b"")
        kinds = transport.policy.content_types
        if kinds and answer.status < 300 and not answer.media_type.startswith(kinds):
            raise EgressFailed(
                "content_type", f"That is {answer.media_type[:100] or 'of no stated type'}, which cannot be read here."
            )
        stream = response.stream
        assert isinstance(stream, BoundedStream)  # noqa: S101 - our own transport made it
        body = b"".join([piece async for piece in stream])
        return Answer(answer.status, answer.url, answer.headers, body, stream.was_cut)
    finally:
        await response.aclose()
