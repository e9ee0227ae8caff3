"""Which addresses belong to the public internet.

Beyond `ipaddress.is_global` (the IANA special-purpose registries, RFC 6890): forms of IPv6 that carry an IPv4 address through
a gateway of this network (mapped, compatible, translated, NAT64, 6to4, Teredo), retired private nets, and an address that a cloud answers on itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = str

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "168.63.129.16/32",  # Azure's own services, inside every of its machines
            "192.0.0.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.175.48.0/24",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


def is_public(address: str, *, refused: Iterable[Network] = ()) -> bool:
    """Whether `address`, an IPv4 or IPv6 literal, is a public one and in none of the networks `refused` by the operator."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or _is_carrier(found):
        return False
    nets = (*_NOT_PUBLIC, *_networks(tuple(refused)))
    return not any(found in net for net in nets if net.version == found.version)


def _is_carrier(address: IPv4Address | IPv6Address) -> bool:
    """Outside 2000::/3 lie NAT64, mapped, compatible, site-local and multicast; ISATAP hides in the last 64 bits."""
    if isinstance(address, IPv4Address):
        return False
    return address not in _GLOBAL_UNICAST or address.packed[9:12] == b"\x00\x5e\xfe"


@lru_cache(maxsize=32)
def _networks(texts: tuple[Network, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
