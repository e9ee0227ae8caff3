"""`policies:` the ways of deciding that may be chosen for a play.

Their expressions see what the agent observes and nothing else of the world, so that equal situations are equal questions: the
observations of the archetype, parameters, `step` and `time`. To decide by a slot or a global, observe it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from simulations.engine.spec.base import Condition, Formula, Key, Part, Probability, Prompt
from simulations.engine.spec.tagged import by_kind

POLICY_KINDS = ("rule", "llm", "crew", "human", "hybrid")
Model = Annotated[str, Field(max_length=200)]


class Rule(Part):
    """One line of a rule policy: if `when` holds, `do` it with these arguments, or only with that `probability` (else go on)."""

    when: Condition | None = None
    do: Key
    arguments: Annotated[dict[Key, Formula], Field(max_length=10, alias="with")] = Field(
        default_factory=dict, alias="with"
    )
    probability: Probability | None = None


Rules = Annotated[tuple[Rule, ...], Field(max_length=100)]


class Choosing(Part):
    choose: Rules


class RulePolicy(Part):
    """The first line that applies; none: the first action. `archetypes` gives each its own lines, `choose` those of the others."""

    kind: Literal["rule"]
    choose: Rules = ()
    archetypes: dict[Key, Choosing] = Field(default_factory=dict)

    def lines(self, archetype: str) -> tuple[Rule, ...]:
        own = self.archetypes.get(archetype)
        return own.choose if own else self.choose


class Budget(Part):
    """The most that a play may spend on this policy; null is no bound of its own."""

    calls: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    tokens: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    usd: Annotated[float, Field(ge=0, le=10_000)] | None = None


class ModelPolicy(Part):
    """What policies that ask a model have in common. `model` is empty for the workspace's own choice.

    `after_cap`: once a budget is spent the play goes on by rules (`fallback`), pauses, or stops.
    """

    model: Model = ""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    fallback: Key | None = None
    budget: Budget = Budget()
    after_cap: Literal["rules", "pause", "stop"] = "rules"


class LlmPolicy(ModelPolicy):
    """A language model decides. `tier` `archetype`: once for all in equal situations; `individual`: each agent for itself, remembering
    its last `memory` decisions and messages.

    `prompt` is a text, or one for each archetype; {names} stand for observations, parameters, `step`, `time`, `archetype`,
    `actions`, and for individuals `memory` and `messages`. `answer`: shares of actions in one answer, or `samples` answers with one action
    each. `batch`: how many situations are asked in one call.
    """

    kind: Literal["llm"]
    tier: Literal["archetype", "individual"] = "archetype"
    system: Prompt = ""
    prompt: Prompt | dict[Key, Prompt]
    answer: Literal["distribution", "samples"] = "distribution"
    samples: Annotated[int, Field(ge=1, le=50)] = 5
    memory: Annotated[int, Field(ge=0, le=200)] = 5
    batch: Annotated[int, Field(ge=1, le=100)] = 1

    def prompt_for(self, archetype: str) -> str:
        return self.prompt if isinstance(self.prompt, str) else self.prompt.get(archetype, "")


class CrewMember(Part):
    role: Annotated[str, Field(min_length=1, max_length=200)]
    goal: Annotated[str, Field(min_length=1, max_length=2_000)]
    backstory: Annotated[str, Field(max_length=10_000)] = ""


class CrewPolicy(ModelPolicy):
    """A crew deliberates; `task` is a prompt like that of `llm`."""

    kind: Literal["crew"]
    agents: Annotated[tuple[CrewMember, ...], Field(min_length=1, max_length=8)]
    task: Annotated[str, Field(min_length=1, max_length=20_000)]


class HumanPolicy(Part):
    """A person in the agent's seat is asked; after `wait_seconds` without an answer `fallback` decides (null: the first action)."""

    kind: Literal["human"]
    wait_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    fallback: Key | None = None


class Route(Part):
    when: Condition | None = None
    use: Key


class HybridPolicy(Part):
    """The first policy whose condition holds; the last route has none."""

    kind: Literal["hybrid"]
    route: Annotated[tuple[Route, ...], Field(min_length=1, max_length=20)]


Policy = Annotated[
    Annotated[RulePolicy, Tag("rule")]
    | Annotated[LlmPolicy, Tag("llm")]
    | Annotated[CrewPolicy, Tag("crew")]
    | Annotated[HumanPolicy, Tag("human")]
    | Annotated[HybridPolicy, Tag("hybrid")],
    by_kind(POLICY_KINDS, "policy"),
]
