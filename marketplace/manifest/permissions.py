"""What a listing may do where it is installed. Everything that is not asked for is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import Field

from marketplace.manifest.text import Host, Key, Part, Sentence, ToolName

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


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


class Asked(Part):
    """What every permission has: a reason, and how far it reaches."""

    why: Sentence

    def meaning(self) -> Meaning:
        raise NotImplementedError

    def scopes(self) -> frozenset[str]:
        """What is allowed under the code, each as `code#what`; empty where the code says it all. More of them is more power."""
        return frozenset()

    def amount(self) -> float:
        """How much is allowed, where that is a number; zero elsewhere."""
        return 0.0


class ToolPermission(Asked):
    """`operations` narrows it to these operations of the tool, such as `get` of `http_request`; none means all of them."""

    kind: Literal["tool"]
    tool: ToolName
    operations: Annotated[tuple[Key, ...], Field(max_length=20)] = ()

    def meaning(self) -> Meaning:
        only = f", only to {', '.join(self.operations)}" if self.operations else ""
        return Meaning(f"tool:{self.tool}", Group.READ, Risk.LOW, f"Use the tool “{self.tool}”{only}")

    def scopes(self) -> frozenset[str]:
        return frozenset(f"tool:{self.tool}#{operation}" for operation in self.operations)


class KnowledgePermission(Asked):
    kind: Literal["knowledge"]
    access: Literal["read", "write"]

    def meaning(self) -> Meaning:
        if self.access == "read":
            return Meaning("knowledge:read", Group.READ, Risk.LOW, "Read this workspace’s documents")
        return Meaning("knowledge:write", Group.WRITE, Risk.HIGH, "Add and change this workspace’s documents")


class FilesPermission(Asked):
    """The files of a run: what its user attached, and what it makes for its user."""

    kind: Literal["files"]
    access: Literal["read", "write"]

    def meaning(self) -> Meaning:
        if self.access == "read":
            return Meaning("files:read", Group.READ, Risk.LOW, "Read the files of its own run")
        return Meaning("files:write", Group.WRITE, Risk.LOW, "Write files in the space of its own run")


class MessagesPermission(Asked):
    kind: Literal["messages"]
    access: Literal["read", "send"]

    def meaning(self) -> Meaning:
        if self.access == "read":
            return Meaning("messages:read", Group.READ, Risk.LOW, "Read what the agents of its run write to each other")
        return Meaning("messages:send", Group.WRITE, Risk.LOW, "Let the agents of its run write to each other")


class NetworkPermission(Asked):
    """`host` is one name, `*.example.org` for what is under it, or `*` for every public host."""

    kind: Literal["network"]
    host: Host
    methods: tuple[Method, ...] = ("GET",)

    def meaning(self) -> Meaning:
        code, where = f"network:{self.host}", "any public host" if self.host == "*" else self.host
        if self.methods == ("GET",):
            risk = Risk.HIGH if self.host == "*" else Risk.MEDIUM
            return Meaning(code, Group.NETWORK, risk, f"Fetch pages and data from {where}")
        return Meaning(code, Group.NETWORK, Risk.HIGH, f"Send data to {where} and fetch from it")

    def scopes(self) -> frozenset[str]:
        return frozenset(f"network:{self.host}#{method}" for method in self.methods)


class ModelPermission(Asked):
    """`provider` is one provider's name, or `any` for the one that the workspace has chosen."""

    kind: Literal["model"]
    provider: Key = "any"

    def meaning(self) -> Meaning:
        whose = "this workspace’s language model" if self.provider == "any" else f"the models of {self.provider}"
        return Meaning(f"model:{self.provider}", Group.SPEND, Risk.MEDIUM, f"Call {whose}")


class BudgetPermission(Asked):
    """At most so many US dollars for one run."""

    kind: Literal["budget"]
    usd: Annotated[float, Field(gt=0, le=1_000)]

    def meaning(self) -> Meaning:
        risk = Risk.LOW if self.usd <= 1 else Risk.MEDIUM if self.usd <= 10 else Risk.HIGH
        return Meaning("budget", Group.SPEND, risk, f"Spend up to ${self.usd:.2f} in one run")

    def amount(self) -> float:
        return self.usd


class SchedulePermission(Asked):
    kind: Literal["schedule"]

    def meaning(self) -> Meaning:
        return Meaning("schedule", Group.SPEND, Risk.MEDIUM, "Be started by a schedule, with nobody watching")


class DelegatePermission(Asked):
    kind: Literal["delegate"]

    def meaning(self) -> Meaning:
        return Meaning("delegate", Group.SPEND, Risk.MEDIUM, "Let its agents hand work to each other")


class ComputePermission(Asked):
    kind: Literal["compute"]

    def meaning(self) -> Meaning:
        return Meaning("compute", Group.SPEND, Risk.LOW, "Use processor time of the simulation workers")


Permission = Annotated[
    ToolPermission
    | KnowledgePermission
    | FilesPermission
    | MessagesPermission
    | NetworkPermission
    | ModelPermission
    | BudgetPermission
    | SchedulePermission
    | DelegatePermission
    | ComputePermission,
    Field(discriminator="kind"),
]
