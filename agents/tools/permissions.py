"""The words that say what a tool may touch, what they mean to a person, and what of it an installed agent may."""

from __future__ import annotations

from dataclasses import dataclass

from agents.runtimes.outcome import ToolFailed
from agents.tools.leave import NETWORK, TOOL, Leave
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


@dataclass(frozen=True, slots=True)
class Trespass:
    """Something that was tried without leave. `kind` is the class of permission, `code` the one that is lacking, `tried` a sentence."""

    kind: str
    code: str
    tried: str


class Trespassed(ToolFailed):
    """A tool was about to do what its user may not; nothing was done."""

    def __init__(self, trespass: Trespass) -> None:
        super().__init__(trespass.tried)
        self.trespass = trespass


def meaning_of(permission: str) -> str:
    """A sentence without its full stop; `mcp:<server>` and `http:<host>` name their counterpart."""
    kind, _, rest = permission.partition(":")
    if kind == "mcp":
        return f"Uses the tools of the server “{rest}”"
    return MEANINGS.get(permission) or (f"Sends requests to {rest}" if kind == "http" else permission)


def kind_of(code: str) -> str:
    """The class of a permission's code, as violations name it."""
    return code.partition(":")[0]


def trespass_of(name: str, tool: Tool, leave: Leave) -> Trespass | None:
    """What keeps an installed agent from using a tool at all; None where nothing does."""
    if not leave.allows(f"{TOOL}{name}"):
        tried = f"This was installed without the permission to use the tool {name}."
        return Trespass("tool", f"{TOOL}{name}", tried)
    word = next((word for word in tool.permissions if not _has(leave, word, name)), "")
    if not word:
        return None
    tried = f"This was installed without a permission that {name} needs: {meaning_of(word)}."
    return Trespass(kind_of(_code_of(word)), _code_of(word), tried)


def _has(leave: Leave, word: str, name: str) -> bool:
    """What the agents of a run share among themselves needs no leave of its own."""
    code = _code_of(word)
    if code == NETWORK:
        return leave.reaches_any_host()
    return not code or leave.allows(code, name.partition("/")[2] if word.startswith("mcp:") else "")


def _code_of(word: str) -> str:
    """A word about tools in the codes of the marketplace; empty for what needs none."""
    kind = word.partition(":")[0]
    if kind in {"knowledge", "files", "messages"}:
        return word
    return {"web": NETWORK, "http": NETWORK, "agents": "delegate", "mcp": f"{TOOL}{word}"}.get(kind, "")


def check_host(leave: Leave, host: str, method: str = "GET") -> None:
    """Raises Trespassed where this host may not be asked so."""
    if not leave.reaches(host, method):
        tried = f"This was installed without the permission to send {method} to {host[:200]}."
        raise Trespassed(Trespass("network", f"{NETWORK}{host[:250]}", tried))


def check_operation(leave: Leave, name: str, operation: str) -> None:
    """Raises Trespassed where of this tool another operation was granted, but not this one."""
    if not leave.allows(f"{TOOL}{name}", operation):
        tried = f"This was installed without the permission to use {name} for “{operation[:100]}”."
        raise Trespassed(Trespass("tool", f"{TOOL}{name}#{operation[:100]}", tried))
