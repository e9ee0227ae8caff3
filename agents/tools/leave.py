"""What an agent of a run was allowed by whoever installed it, in the codes of the marketplace. What is not named is denied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.egress.policy import Policy

NETWORK, MODEL, TOOL = "network:", "model:", "tool:"
ANY_HOST = f"{NETWORK}*"
IN_HOUSE = "offline"
"""The stand-in for a model: it runs in this process, and nothing leaves it."""
READING = frozenset({"GET"})


@dataclass(frozen=True, slots=True)
class Granted:
    """What was granted to one installation. `scopes` narrows a code to methods or operations; a code without any is granted whole,
    except for a host, which may then only be read. `made_from` is the digest of its manifest."""

    codes: frozenset[str]
    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    approvals: frozenset[str] = frozenset()
    usd: float | None = None
    made_from: str = ""

    @classmethod
    def of(cls, grants: Iterable[str], bounds: Mapping[str, Any], made_from: str = "") -> Granted:
        """From the columns of a crew or an agent."""
        methods = {f"{NETWORK}{host}": frozenset(each) for host, each in (bounds.get("methods") or {}).items()}
        operations = {f"{TOOL}{name}": frozenset(each) for name, each in (bounds.get("operations") or {}).items()}
        return cls(
            frozenset(grants),
            methods | operations,
            frozenset(bounds.get("approvals") or ()),
            bounds.get("usd"),
            made_from,
        )

    def allows(self, code: str, what: str = "") -> bool:
        """Whether a code is granted, and of it the operation `what`."""
        return code in self.codes and (not what or code not in self.scopes or what in self.scopes[code])

    def reaches(self, host: str, method: str = "GET") -> bool:
        wanted = "GET" if method == "HEAD" else method
        return any(wanted in self.scopes.get(code, READING) for code in self.codes if _names(code, host))

    def hosts(self) -> list[str]:
        return sorted(code.removeprefix(NETWORK) for code in self.codes if code.startswith(NETWORK))

    def calls(self, provider: str) -> bool:
        return provider == IN_HOUSE or not self.codes.isdisjoint({f"{MODEL}any", f"{MODEL}{provider}"})


def _names(code: str, host: str) -> bool:
    return code.startswith(NETWORK) and (code == ANY_HOST or Policy(hosts=(code.removeprefix(NETWORK),)).names(host))


@dataclass(frozen=True, slots=True)
class Leave:
    """What one agent may do in one run: what all of `parts` allow. An agent that was made here, in a crew that was made here, has none."""

    parts: tuple[Granted, ...] = ()

    def allows(self, code: str, what: str = "") -> bool:
        return all(part.allows(code, what) for part in self.parts)

    def reaches(self, host: str, method: str = "GET") -> bool:
        return all(part.reaches(host, method) for part in self.parts)

    def reaches_any_host(self) -> bool:
        """Whether there is a host at all that it may ask."""
        return all(part.hosts() for part in self.parts)

    def calls(self, provider: str) -> bool:
        return all(part.calls(provider) for part in self.parts)

    def needs_approval(self, tool: str) -> bool:
        return any(tool in part.approvals for part in self.parts)

    def narrowed(self, *more: Granted) -> Leave:
        return Leave((*self.parts, *more))

    @property
    def made_from(self) -> tuple[str, ...]:
        """The digests that answer for what it tries."""
        return tuple(dict.fromkeys(part.made_from for part in self.parts if part.made_from))


FREE = Leave()
