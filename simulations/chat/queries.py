"""Reading a conversation: what people said stands in turns, what was answered in the runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from projects.models import Run, StepOutput
from simulations.chat.access import spec_of
from simulations.chat.crews import Line
from simulations.chat.spec import ChatSpec
from simulations.models import Simulation, Turn


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance and who it is from; `role` is empty for the person."""

    role: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn. `status` is that of its run, `missing` when the run was deleted; `replies` are as many as there are yet."""

    number: int
    kind: str
    message: str
    said_by: str
    said_at: datetime
    run_id: UUID
    status: str
    detail: str
    replies: tuple[Said, ...]
    tokens: int
    cost: Decimal
    offline: bool

    @property
    def is_open(self) -> bool:
        return self.status in {"queued", "running", "waiting"}

    @property
    def is_answered(self) -> bool:
        return self.status == "succeeded"


@dataclass(frozen=True, slots=True)
class Conversation:
    """All of it. `exchanges` are the turns of the person, `results` the one that sums them up, if there is one."""

    spec: ChatSpec
    exchanges: tuple[Exchange, ...]
    results: Exchange | None

    @property
    def turns_left(self) -> int:
        return max(0, self.spec.turns - len(self.exchanges))

    @property
    def last(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None

    @property
    def tokens(self) -> int:
        return sum(each.tokens for each in self._all())

    @property
    def cost(self) -> Decimal:
        return sum((each.cost for each in self._all()), Decimal(0))

    def _all(self) -> tuple[Exchange, ...]:
        return (*self.exchanges, self.results) if self.results else self.exchanges

    def transcript(self, *, before: int | None = None) -> list[Line]:
        """Everything said, from the opening on; `before` leaves out that turn and those after it."""
        opening = self.spec.opening
        lines = [Line(self.spec.roles[opening.by].title, opening.text)] if opening else []
        for exchange in self.exchanges:
            if before is None or exchange.number < before:
                lines.append(Line(f"{exchange.said_by} ({self.spec.you})", exchange.message))
                lines += [Line(reply.speaker, reply.text) for reply in exchange.replies]
        return lines


def conversation(simulation: Simulation) -> Conversation:
    """Four queries, however long it is."""
    spec = spec_of(simulation)
    exchanges = exchanges_of(spec, list(simulation.turns.all()))
    said = tuple(each for each in exchanges if each.kind == Turn.Kind.SAID)
    results = next((each for each in exchanges if each.kind == Turn.Kind.RESULTS), None)
    return Conversation(spec, said, results)


def exchanges_of(spec: ChatSpec, turns: Sequence[Turn]) -> list[Exchange]:
    wanted = [turn.run_id for turn in turns]
    runs = {run.pk: run for run in Run.objects.filter(pk__in=wanted).defer("snapshot", "output", "output_json")}
    replies: defaultdict[UUID, list[Said]] = defaultdict(list)
    for step in StepOutput.objects.filter(run_id__in=wanted).order_by("run_id", "position"):
        role = spec.roles.get(step.task)
        replies[step.run_id].append(Said(step.task, role.title if role else "Results", step.output))
    return [_exchange(turn, runs.get(turn.run_id), replies[turn.run_id]) for turn in turns]


def _exchange(turn: Turn, run: Run | None, replies: Sequence[Said]) -> Exchange:
    return Exchange(
        number=turn.number,
        kind=turn.kind,
        message=turn.message,
        said_by=turn.said_by,
        said_at=turn.created_at,
        run_id=turn.run_id,
        status=run.status if run else "missing",
        detail=run.stop_detail if run else "Its run was deleted.",
        replies=tuple(replies),
        tokens=run.total_tokens if run else 0,
        cost=run.cost if run else Decimal(0),
        offline=run.is_offline if run else False,
    )
