"""Which permissions a specification cannot work without: read off its tools, its agents and its policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from marketplace.manifest.specs import AgentSpec, CrewSpec, LibraryScenario, ToolSpec
from simulations.engine.spec import AbmSpec

NETWORK = "network"
"""Some host or other: which one, only the author knows."""
POWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "search_knowledge": ("knowledge:read",),
        "query_csv": ("knowledge:read", "files:read"),
        "query_json": ("knowledge:read", "files:read"),
        "list_files": ("files:read",),
        "read_file": ("files:read",),
        "write_file": ("files:write",),
        "ask_agent": ("delegate",),
        "send_message": ("messages:send",),
        "read_messages": ("messages:read",),
        "fetch_web_page": (NETWORK,),
        "http_request": (NETWORK,),
    }
)
"""What each tool of the house touches, in the words of the market. What stays among the agents of one run is not named here."""
SOFT = ("files:", "messages:", NETWORK)
"""Kinds of permission that manifests did not have to name from the first day."""
VERBS = {"knowledge:read": "searches documents", "delegate": "asks other agents"}


def needs_of(spec: BaseModel) -> dict[str, str]:
    """Codes of the permissions that the spec needs, each with the reason."""
    if isinstance(spec, LibraryScenario | AbmSpec):
        return {"compute": "it runs a simulation"} | _models_of(spec)
    needed = {"model:any": "its agents call a model"} if agents_of(spec) else {}
    for user, tools in tool_users(spec):
        for tool in tools:
            needed |= {f"tool:{tool}": f"{user} uses it"}
            needed |= {code: f"{user} {VERBS.get(code, f'uses {tool}')}" for code in powers_of(tool)}
    for agent in agents_of(spec):
        if agent.allow_delegation:
            needed["delegate"] = f"the agent “{agent.name}” may delegate"
    return needed


def _models_of(spec: LibraryScenario | AbmSpec) -> dict[str, str]:
    """Whoever plays may choose any policy of a whole scenario, so each that asks a model counts."""
    if isinstance(spec, LibraryScenario):
        return {"model:any": "its policy asks a model"} if spec.policy != "rule" else {}
    asking = [name for name, policy in spec.policies.items() if policy.kind in {"llm", "crew"}]
    return {"model:any": f"its policy “{asking[0]}” asks a model"} if asking else {}


def powers_of(tool: str) -> tuple[str, ...]:
    """Permissions besides its own that a tool needs; one of a server needs its server's."""
    if tool.startswith("mcp:") and "/" in tool:
        return (f"tool:{tool.partition('/')[0]}",)
    return POWERS.get(tool, ())


def agents_of(spec: BaseModel) -> tuple[AgentSpec, ...]:
    if isinstance(spec, CrewSpec):
        return spec.agents
    return (spec,) if isinstance(spec, AgentSpec) else ()


def tool_users(spec: BaseModel) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who uses which tools, as people say it."""
    if isinstance(spec, ToolSpec):
        yield "what it is made of", (spec.tool,)
    if isinstance(spec, AgentSpec):
        yield f"the agent “{spec.name}”", spec.tools
    if isinstance(spec, CrewSpec):
        yield from ((f"the agent “{agent.name}”", agent.tools) for agent in spec.agents)
        yield from ((f"the task “{task.name}”", task.tools) for task in spec.tasks)


def tools_of(spec: BaseModel) -> list[str]:
    """The tools that a spec uses, by name, each once."""
    return sorted({tool for _, tools in tool_users(spec) for tool in tools})


def permissions_for(needed: Mapping[str, str], written: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The permissions as the author wrote them, and after them one for each code that is needed and not written yet.

    A host is not made up: who uses the network has to name it.
    """
    told = [dict(each) for each in written]
    there = {code_of(each) for each in told}
    if any(code.startswith("model:") for code in there):
        there.add("model:any")
    missing = [code for code in needed if code not in there and code != NETWORK]
    return [*told, *({**_permission(code), "why": _sentence(needed[code])} for code in missing)]


def code_of(permission: Mapping[str, Any]) -> str:
    """The code of a permission as it is written; empty for one that is none."""
    kind = permission.get("kind")
    detail = {"tool": "tool", "knowledge": "access", "files": "access", "messages": "access", "network": "host"}
    if kind == "model":
        return f"model:{permission.get('provider', 'any')}"
    return f"{kind}:{permission.get(detail[kind])}" if kind in detail else str(kind or "")


def _permission(code: str) -> dict[str, Any]:
    kind, _, rest = code.partition(":")
    names = {"tool": "tool", "model": "provider"}
    return {"kind": kind} | ({names.get(kind, "access"): rest} if rest else {})


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:399]}."[:400]
