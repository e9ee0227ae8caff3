"""What httpcore raises, in our own terms."""

from __future__ import annotations

import ssl

import httpcore

from tenants.egress.errors import EgressError, EgressFailed, EgressTimeout, EgressUnreachable


def as_egress(error: Exception) -> Exception:
    """The refusal for an error of the network; anything else comes back as it is."""
    match error:
        case EgressError():
            found: Exception = error
        case httpcore.TimeoutException() | TimeoutError():
            found = EgressTimeout("timeout", "The other side took too long.")
        case httpcore.ConnectError() if _is_tls(error):
            found = EgressUnreachable("tls", "The other side's certificate is not valid for this name.")
        case httpcore.ConnectError():
            found = EgressUnreachable("unreachable", "Nothing answers there.")
        case httpcore.ProtocolError():
            found = EgressFailed("protocol", "What came back is not HTTP, or its headers are too long.")
        case httpcore.NetworkError():
            found = EgressFailed("unreachable", "The connection broke.")
        case _:
            found = error
    return found


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
