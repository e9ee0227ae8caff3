"""Where an MCP server is and what it offers, without the library that talks to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ServerFailed(Exception):
    """The server did not do what was asked; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: `url`, with `headers` that nobody shows, or a `command` from the operator's settings."""

    name: str
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool as a server describes it. `reads_only` is the server's own word."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    reads_only: bool
