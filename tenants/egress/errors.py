"""Why a request did not leave, or brought nothing back. Clients built on httpx know these as transport errors."""

from __future__ import annotations

import httpx


class EgressError(httpx.TransportError):
    """`code` is for programs, `detail` a sentence for a person; neither says anything about what answers inside."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class EgressRefused(EgressError):
    """Nothing was sent. Codes: url, scheme, credentials, port, host, address, header, redirect."""


class EgressFailed(EgressError):
    """It was sent, or an attempt was made. Codes: unreachable, tls, timeout, too_large, encoding, content_type, protocol."""


class EgressUnreachable(EgressFailed, httpx.ConnectError):
    """No connection came about, or TLS did not."""


class EgressTimeout(EgressFailed, httpx.TimeoutException):
    """The time that the whole request had, by the clock on the wall, is over."""
