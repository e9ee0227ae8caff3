"""The manifest `guildhall/v1`: one declarative document for whatever the marketplace offers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field

from marketplace.manifest.evaluation import Evaluation
from marketplace.manifest.permissions import Permission, Risk
from marketplace.manifest.specs import AgentSpec, AnyScenario, CrewSpec, ToolSpec
from marketplace.manifest.text import (
    Digest,
    InputName,
    Key,
    Line,
    Part,
    Prose,
    Range,
    Ref,
    Semver,
    Sentence,
    Slug,
    ToolName,
    Url,
)

Kind = Literal["Agent", "Crew", "Tool", "Scenario"]
Category = Literal["business", "research", "writing", "operations", "software", "education", "social-science", "other"]
Licence = Literal["Apache-2.0", "MIT", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "proprietary"]
Otherwise = Literal["skip", "substitute", "fail"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CATEGORIES: tuple[Category, ...] = get_args(Category)


class ForkedFrom(Part):
    """The published version that this one was made from: its address and its digest."""

    ref: Ref
    digest: Digest


class Source(Part):
    """Where the work on it can be followed."""

    url: Url
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{7,64})?$")] = ""


class Metadata(Part):
    """`namespace`/`name` is the address on the marketplace; the first category is where it is shelved."""

    namespace: Slug
    name: Slug
    version: Semver
    title: Line
    summary: Annotated[Line, Field(max_length=160)]
    description: Prose
    license: Licence
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=3)]
    tags: Annotated[tuple[Slug, ...], Field(max_length=10)] = ()
    languages: Annotated[tuple[Slug, ...], Field(max_length=20)] = ("en",)
    changelog: Annotated[Prose, Field(max_length=4_000)] = "First version."
    forked_from: ForkedFrom | None = None
    source: Source | None = None


class Inputs(Part):
    """What a run is asked for: a flat JSON Schema (2020-12) and at least one worked example.

    `order` names the properties in the order in which they are asked for, as a JSON object has none.
    """

    json_schema: dict[str, Any] = Field(alias="schema")
    examples: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=5)]
    order: Annotated[tuple[InputName, ...], Field(max_length=100)] = ()


class ModelNeed(Part):
    """A model with this capability must be reachable. `offline` says that the built-in extractive provider will do.

    Where there is none: `substitute` takes the workspace's own model, `skip` installs all the same, `fail` does not.
    """

    capability: Literal["text", "tools", "json", "vision"]
    min_context: Annotated[int, Field(ge=1_024, le=10_000_000)] = 4_096
    offline: bool = False
    otherwise: Otherwise = "fail"


class CredentialSlot(Part):
    """A credential that the workspace fills in with its own; a manifest never holds one."""

    slot: Key
    provider: Key
    why: Sentence
    required: bool = True
    otherwise: Otherwise = "fail"


class Fallback(Part):
    """What to do where a required tool does not exist: leave it away, take `substitute` for it, or refuse to install."""

    tool: ToolName
    otherwise: Otherwise = "fail"
    substitute: ToolName | None = None


class Requires(Part):
    guildhall: Range = ">=0.1"
    models: Annotated[tuple[ModelNeed, ...], Field(max_length=4)] = ()
    tools: Annotated[tuple[ToolName, ...], Field(max_length=60)] = ()
    fallbacks: Annotated[tuple[Fallback, ...], Field(max_length=60)] = ()
    credentials: Annotated[tuple[CredentialSlot, ...], Field(max_length=20)] = ()
    documents: bool = False


class Limits(Part):
    """Bounds of one run: minutes and seconds of wall clock together, model calls, tokens, US dollars; zero for none of its own."""

    minutes: Annotated[int, Field(ge=0, le=1_440)]
    seconds: Annotated[int, Field(ge=0, lt=60)] = 0
    model_calls: Annotated[int, Field(ge=0, le=10_000)] = 0
    tokens: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    usd: Annotated[float, Field(ge=0, le=1_000)] = 0.0


class Disclosure(Part):
    """What an honest publisher says before the first run."""

    data_goes_to: Sentence
    personal_data: Sentence
    known_limits: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=10)]
    human_oversight: Sentence


class Manifest(Part):
    """`approvals` names tools that a person allows each time before they are used."""

    api_version: Literal["guildhall/v1"] = Field(alias="apiVersion")
    kind: Kind
    metadata: Metadata
    spec: BaseModel
    inputs: Inputs | None = None
    requires: Requires
    permissions: Annotated[tuple[Permission, ...], Field(max_length=100)] = ()
    approvals: Annotated[tuple[ToolName, ...], Field(max_length=60)] = ()
    limits: Limits
    evaluation: Evaluation | None = None
    disclosure: Disclosure

    @property
    def ref(self) -> str:
        return f"{self.metadata.namespace}/{self.metadata.name}@{self.metadata.version}"

    @property
    def risk(self) -> Risk:
        """The highest risk among the permissions; computed here, never claimed by the author."""
        return max((permission.meaning().risk for permission in self.permissions), default=Risk.LOW)

    @property
    def offline(self) -> bool:
        """Whether it works where no language model can be reached."""
        return all(need.offline for need in self.requires.models)


class AgentManifest(Manifest):
    kind: Literal["Agent"]
    spec: AgentSpec
    inputs: Inputs


class CrewManifest(Manifest):
    kind: Literal["Crew"]
    spec: CrewSpec
    inputs: Inputs


class ToolManifest(Manifest):
    kind: Literal["Tool"]
    spec: ToolSpec


class ScenarioManifest(Manifest):
    kind: Literal["Scenario"]
    spec: AnyScenario


BY_KIND: dict[Kind, type[Manifest]] = {
    "Agent": AgentManifest,
    "Crew": CrewManifest,
    "Tool": ToolManifest,
    "Scenario": ScenarioManifest,
}
