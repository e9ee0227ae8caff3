"""What a listing may do where it is installed. Everything that is not asked for is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import Field

from marketplace.manifest.text import Host, Key, Part, Sentence


class Risk(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Group(StrEnum):
    """The headings under which a person reads permissions."""

    READ = "Read"
    WRITE = "Write"
    NETWORK = "Network"
    SPEND = "Spend"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A permission for a person. `code` names it in grants and never changes."""

    code: str
    group: Group
    risk: Risk
    sentence: str


class ToolPermission(Part):
    kind: Literal["tool"]
    tool: Key
    why: Sentence

    def meaning(self) -> Meaning:
        return Meaning(f"tool:{self.tool}", Group.READ, Risk.LOW, f"Use the tool “{self.tool}”")


class KnowledgePermission(Part):
    kind: Literal["knowledge"]
    access: Literal["read", "write"]
    why: Sentence

    def meaning(self) -> Meaning:
        if self.access == "read":
            return Meaning("knowledge:read", Group.READ, Risk.LOW, "Read this workspace’s documents")
        return Meaning("knowledge:write", Group.WRITE, Risk.HIGH, "Add and change this workspace’s documents")


class NetworkPermission(Part):
    kind: Literal["network"]
    host: Host
    methods: tuple[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], ...] = ("GET",)
    why: Sentence

    def meaning(self) -> Meaning:
        code = f"network:{self.host}"
        if self.methods == ("GET",):
            return Meaning(code, Group.NETWORK, Risk.MEDIUM, f"Fetch pages and data from {self.host}")
        return Meaning(code, Group.NETWORK, Risk.HIGH, f"Send data to {self.host} and fetch from it")


class ModelPermission(Part):
    """`provider` is one provider's name, or `any` for the one that the workspace has chosen."""

    kind: Literal["model"]
    provider: Key = "any"
    why: Sentence

    def meaning(self) -> Meaning:
        whose = "this workspace’s language model" if self.provider == "any" else f"the models of {self.provider}"
        return Meaning(f"model:{self.provider}", Group.SPEND, Risk.MEDIUM, f"Call {whose}")


class DelegatePermission(Part):
    kind: Literal["delegate"]
    why: Sentence

    def meaning(self) -> Meaning:
        return Meaning("delegate", Group.SPEND, Risk.MEDIUM, "Let its agents hand work to each other")


class ComputePermission(Part):
    kind: Literal["compute"]
    why: Sentence

    def meaning(self) -> Meaning:
        return Meaning("compute", Group.SPEND, Risk.LOW, "Use processor time of the simulation workers")


Permission = Annotated[
    ToolPermission | KnowledgePermission | NetworkPermission | ModelPermission | DelegatePermission | ComputePermission,
    Field(discriminator="kind"),
]
