"""A language model, or a crew, decides for one agent at a time, with what that agent remembers and was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.engine.decisions import (
    CrewMember,
    CrewPort,
    CrewQuestion,
    Decision,
    DecisionRequest,
    ModelAnswer,
    Question,
    Source,
)
from simulations.engine.keys import digest_of
from simulations.engine.policies.archetype import Asking, chosen, question_of, settled
from simulations.engine.policies.inquiry import Inquiry, Item
from simulations.engine.policies.memory import Memory
from simulations.engine.policies.wording import Wording


class IndividualLLMPolicy:
    """Asked for each agent. The answer is kept under all that was put to it: two plays share it only where both are alike.

    Whoever records its decisions calls `remember`, also for those that came out of a log.
    """

    individual = True
    source: Source = "llm"

    def __init__(self, name: str, wordings: Mapping[str, Wording], asking: Asking, *, memory: int = 5) -> None:
        self.name = name
        self.wordings = wordings
        self.asking = asking
        self.memory = Memory(memory)

    @property
    def fingerprint(self) -> bytes:
        told = [self.wordings[archetype].fingerprint for archetype in sorted(self.wordings)]
        return digest_of(type(self).__name__, self.asking.model, self.asking.temperature, self.memory.most, *told)

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """Raises PlayInterrupted where the budget is spent or nobody answers, and the author wants no rules then."""
        inquiry = Inquiry(self.asking.calls, self.asking.store, self.asking.spends)
        items = [self._item(request) for request in requests]
        outcomes = await inquiry.outcomes(items)
        return await settled(requests, [outcomes[item.key] for item in items], self.asking.fallback)

    def remember(self, request: DecisionRequest, decision: Decision) -> None:
        self.memory.remember(request, decision)

    def snapshot(self) -> dict[str, Any]:
        return self.memory.snapshot()

    def restore(self, kept: Mapping[str, Any]) -> None:
        self.memory.restore(kept)

    def _item(self, request: DecisionRequest) -> Item:
        wording = self.wordings[request.archetype]
        prompt = wording.prompt(request, memory=self.memory.recall(request.row, before=request.step))
        question = question_of(wording, request, self.asking, prompt)
        key = digest_of(request.key, question.system, question.prompt)
        return Item(key, question, chosen(wording, request), source=self.source)


class CrewPolicy(IndividualLLMPolicy):
    """A crew talks the situation over; `asking.calls` lead to a `CrewModels`. It remembers nothing of its own."""

    source: Source = "crew"

    def __init__(self, name: str, wordings: Mapping[str, Wording], asking: Asking) -> None:
        super().__init__(name, wordings, asking, memory=0)

    @property
    def fingerprint(self) -> bytes:
        port = self.asking.calls.port
        members = port.members if isinstance(port, CrewModels) else ()
        who = [(member.role, member.goal, member.backstory) for member in members]
        return digest_of(super().fingerprint, who)


class CrewModels:
    """A crew as a port to models: the system text is its task."""

    def __init__(self, crews: CrewPort, members: Sequence[CrewMember]) -> None:
        self.crews = crews
        self.members = tuple(members)

    async def ask(self, question: Question) -> ModelAnswer:
        """Raises ModelFailed."""
        return await self.crews.deliberate(
            CrewQuestion(self.members, question.system, question.prompt, question.schema, question.model)
        )
