"""What httpcore raises, in our own terms."""

from __future__ import annotations

import ssl

import httpcore

from tenants.egress.errors import EgressError, EgressFailed, EgressTimeout, EgressUnreachable

KNOWN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def as_egress(error: Exception) -> EgressError:
    """The refusal for one of the KNOWN errors."""
    match error:
        case httpcore.TimeoutException():
            return EgressTimeout("timeout", "The other side took too long.")
        case httpcore.ConnectError() if _is_tls(error):
            return EgressUnreachable("tls", "The other side's certificate is not valid for this name.")
        case httpcore.ConnectError():
            return EgressUnreachable("unreachable", "Nothing answers there.")
        case httpcore.NetworkError():
            return EgressFailed("unreachable", "The connection broke.")
        case _:
            return EgressFailed("protocol", "What came back is not HTTP, or its headers are too long.")


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
