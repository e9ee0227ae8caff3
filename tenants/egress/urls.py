"""Looking at an address before anything is resolved."""

from __future__ import annotations

from ipaddress import ip_address

import httpx

from tenants.egress.errors import EgressRefused
from tenants.egress.policy import Policy

LONGEST = 4_096
DEFAULT_PORTS = {"http": 80, "https": 443}


def parse(text: str) -> httpx.URL:
    """The URL in `text`. Raises EgressRefused for what two readers could read differently."""
    if len(text) > LONGEST or "\\" in text or not text.isprintable() or any(sign.isspace() for sign in text):
        raise EgressRefused(
            "url", "An address has no spaces, backslashes or control characters, and at most 4,096 signs."
        )
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise EgressRefused("url", f"“{text[:200]}” is not a web address.") from error


def port_of(url: httpx.URL) -> int:
    return url.port if url.port is not None else DEFAULT_PORTS[url.scheme]


def admit(url: httpx.URL, policy: Policy) -> None:
    """Refuse what must not be asked for, whatever it resolves to."""
    if url.scheme not in DEFAULT_PORTS:
        raise EgressRefused("scheme", "Only http and https addresses can be reached.")
    if url.userinfo:
        raise EgressRefused("credentials", "An address carries no user name or password.")
    if not url.host or "%" in url.host or not _is_plain(url.host):
        raise EgressRefused("url", f"“{url.host[:200]}” is not a host name or a plain IP address.")
    if not policy.names(url.host):
        raise EgressRefused("host", f"{url.host[:200]} is not among the hosts that may be reached from here.")
    if port_of(url) not in policy.ports and not policy.is_local(url.host, port_of(url)):
        raise EgressRefused("port", f"Port {port_of(url)} cannot be reached; 80 and 443 can.")


def _is_plain(host: str) -> bool:
    """A host that ends in a number is an IPv4 address (WHATWG URL); only its usual form is taken, not 0x7f.1 or 2130706433."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    numeric = last.isdecimal() or (last.startswith("0x") and all(sign in "0123456789abcdef" for sign in last[2:]))
    return not numeric or is_literal(host)


def is_literal(host: str) -> bool:
    try:
        return bool(ip_address(host.strip("[]")))
    except ValueError:
        return False
