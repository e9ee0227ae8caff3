"""What one caller may reach, and how much of it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

Resolve = Callable[[str, int], list[str]]
"""Host and port to address literals, blocking; raises OSError."""


def ask_the_system(host: str, port: int) -> list[str]:
    """The addresses of `host`, as the machine's own resolver gives them, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@dataclass(frozen=True, slots=True)
class Policy:
    """Where a request may go and what it may bring back.

    `hosts` limits names (None: any public host; `*.example.org` for its subdomains). `local` are the pairs of host and port that
    the operator lets out although they are not public. `seconds` is for the whole request, `most_bytes` for the body after
    decompression; `cut` takes the beginning of a longer one instead of failing. `content_types` are beginnings such as `text/`.
    """

    hosts: tuple[str, ...] | None = None
    local: frozenset[tuple[str, int]] = frozenset()
    ports: frozenset[int] = frozenset({80, 443})
    refused_networks: tuple[str, ...] = ()
    proxy: str = ""
    connect_seconds: float = 5.0
    seconds: float = 30.0
    most_bytes: int = 2_000_000
    most_header_bytes: int = 64_000
    cut: bool = False
    content_types: tuple[str, ...] = ()
    redirects: int = 3
    connections: int = 20
    resolve: Resolve = ask_the_system
    trust: ssl.SSLContext | None = None

    def but(self, **changes: Any) -> Policy:
        return replace(self, **changes)

    def is_local(self, host: str, port: int) -> bool:
        return (bare(host), port) in self.local

    def names(self, host: str) -> bool:
        """Whether the list of hosts, if there is one, has `host`."""
        return self.hosts is None or any(_fits(bare(host), pattern) for pattern in self.hosts)


def bare(host: str) -> str:
    return host.lower().rstrip(".").strip("[]")


def _fits(host: str, pattern: str) -> bool:
    wanted = bare(pattern)
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted


def pairs(texts: Iterable[str]) -> frozenset[tuple[str, int]]:
    """`localhost:11434` and `[::1]:80` as pairs. Raises ValueError for one without a port."""
    found = ((host, port) for host, _, port in (text.strip().rpartition(":") for text in texts))
    return frozenset((bare(host), int(port)) for host, port in found)


def operators_policy(**changes: Any) -> Policy:
    """The rules of this installation for everything that users name: tools, webhooks, MCP servers."""
    return Policy(
        local=pairs(settings.EGRESS_LOCAL_HOSTS),
        ports=frozenset({80, 443, *settings.EGRESS_PORTS}),
        refused_networks=tuple(settings.EGRESS_REFUSED_NETWORKS),
        proxy=settings.EGRESS_PROXY,
    ).but(**changes)


def model_policy(**changes: Any) -> Policy:
    """The same for model servers that a workspace names; the operator's own local ones are reachable too."""
    rules = operators_policy()
    return rules.but(local=rules.local | pairs(settings.LOCAL_MODEL_HOSTS), seconds=600.0, most_bytes=32_000_000).but(
        **changes
    )
