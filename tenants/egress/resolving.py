"""From a host to the addresses that a connection may be made to: resolved once, all of them looked at."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tenants.egress.addresses import is_public
from tenants.egress.errors import EgressRefused, EgressTimeout
from tenants.egress.policy import Policy
from tenants.egress.urls import is_literal

MOST_ADDRESSES = 8
_threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="egress-dns")


async def addresses_of(host: str, port: int, policy: Policy) -> list[str]:
    """Raises EgressRefused unless every single address is public, or the operator named this host and port.

    A name that does not exist and a name that leads inside are refused alike: nobody maps the network from here.
    """
    found = [host.strip("[]")] if is_literal(host) else await _resolved(host, port, policy)
    if policy.is_local(host, port):
        return found[:MOST_ADDRESSES]
    if not found or not all(is_public(address, refused=policy.refused_networks) for address in found):
        raise not_public(host)
    return found[:MOST_ADDRESSES]


def not_public(host: str) -> EgressRefused:
    return EgressRefused("address", f"“{host[:200]}” has no public address that can be reached from here.")


async def _resolved(host: str, port: int, policy: Policy) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(policy.connect_seconds):
            return await loop.run_in_executor(_threads, policy.resolve, host, port)
    except TimeoutError:
        raise EgressTimeout("timeout", f"Looking up {host[:200]} took too long.") from None
    except (OSError, UnicodeError):
        return []
