"""The words that say what a tool may touch, and what they mean to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from agents.tools.registry import Tool

MEANINGS = {
    "knowledge:read": "Reads the documents of this workspace",
    "web:read": "Fetches pages from the public web",
    "http:allowed": "Sends requests to the hosts that this workspace allows",
    "files:read": "Reads the files of its own run",
    "files:write": "Writes files in the space of its own run",
    "agents:delegate": "Has another agent of the crew answer, which costs model calls",
    "messages:read": "Reads what other agents wrote to it",
    "messages:send": "Writes to other agents of its run",
    "context:read": "Reads what the agents of its run share",
    "context:write": "Changes what the agents of its run share",
}


def meaning_of(permission: str) -> str:
    """A sentence without its full stop; `mcp:<server>` and `http:<host>` name their counterpart."""
    kind, _, rest = permission.partition(":")
    if kind == "mcp":
        return f"Uses the tools of the server “{rest}”"
    return MEANINGS.get(permission) or (f"Sends requests to {rest}" if kind == "http" else permission)


def hosts_in(grants: Iterable[str]) -> tuple[str, ...]:
    """The hosts that whoever installed a crew let it reach."""
    return tuple(code.removeprefix("network:") for code in grants if code.startswith("network:"))


def missing_grant(name: str, tool: Tool, grants: Collection[str] | None) -> str:
    """What keeps an installed crew from using a tool, as a sentence; empty where nothing does. `grants` None: made in this workspace."""
    if grants is None:
        return ""
    lacking = next((word for word in tool.permissions if not _is_granted(word, grants)), "")
    if f"tool:{name}" not in grants:
        return f"This crew was installed without the permission to use the tool {name}."
    return f"This crew was installed without a permission that {name} needs: {meaning_of(lacking)}." if lacking else ""


def _is_granted(word: str, grants: Collection[str]) -> bool:
    """What stays inside the run needs no grant of its own; the rest is in the words of the marketplace."""
    match word.partition(":")[0]:
        case "knowledge":
            return word in grants
        case "web" | "http":
            return bool(hosts_in(grants))
        case "agents":
            return "delegate" in grants
        case "mcp":
            return f"tool:{word}" in grants
    return True
