"""Deciding by declared rules: the first line that applies and may be done, or the odds between several of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from simulations.engine.decisions import Decision, DecisionRequest, Option, Word
from simulations.engine.expressions import Expression
from simulations.engine.keys import digest_of
from simulations.engine.policies.forms import ActionForm
from simulations.engine.randomness import Chance

Seeing = Mapping[str, Word]
Draw = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `choose`: do this, when that holds, with this probability (of what the lines above have left)."""

    do: str
    when: Expression | None = None
    probability: Expression | None = None
    args: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def expressions(self) -> Iterator[tuple[str, Expression]]:
        """Each with a name of its own within the line."""
        yield from ((part, one) for part, one in (("when", self.when), ("probability", self.probability)) if one)
        yield from ((f"with {name}", one) for name, one in self.args.items())

    @property
    def draws(self) -> bool:
        return any(expression.draws for _, expression in self.expressions)


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines of one archetype, its actions, and what is done when no line applies: nothing."""

    lines: tuple[Line, ...]
    actions: tuple[ActionForm, ...]
    idle: str

    def form(self, action: str) -> ActionForm:
        return next(form for form in self.actions if form.name == action)

    def stream(self, number: int, part: str) -> str:
        """The stream of random numbers of one expression; the same for one agent and for columns."""
        return f"rule {number} {part}"


class RulePolicy:
    """Rules, worked out for one situation at a time; probabilities become a distribution.

    Rules that draw random numbers are asked for each agent. `parameters` is looked at anew in every step.
    """

    def __init__(self, name: str, rules: Mapping[str, Rules], *, parameters: Mapping[str, Word], seed: int = 0) -> None:
        self.name = name
        self.rules = rules
        self.parameters = parameters
        self.seed = seed
        self.individual = any(line.draws for one in rules.values() for line in one.lines)
        self.fingerprint = digest_of("rule", name)
        self._compiled = {archetype: [_Compiled(line) for line in one.lines] for archetype, one in rules.items()}

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        return [self.decide(request) for request in requests]

    def decide(self, request: DecisionRequest) -> Decision:
        """What the rules say. Raises ExpressionFailed where one of them has no value."""
        return Decision(tuple(self._options(request)), "rule", request.key)

    def _options(self, request: DecisionRequest) -> Iterator[Option]:
        rules = self.rules[request.archetype]
        seeing = {**self.parameters, **request.observation}
        seeing.update(step=request.step, time=request.time, stage=request.stage)
        left = 1.0
        for number, line in enumerate(self._compiled[request.archetype]):
            if line.do not in request.legal:
                continue
            at = partial(self._draw, request, rules, number)
            share = line.share(seeing, at)
            if share > 0:
                yield Option(line.do, line.arguments(seeing, at, rules.form(line.do)), share * left)
                left -= share * left
            if share >= 1:
                return
        yield Option(rules.idle, weight=left)

    def _draw(self, request: DecisionRequest, rules: Rules, number: int, part: str) -> Draw:
        stream = rules.stream(number, part)
        chance = Chance(self.seed, request.step)
        return lambda site: chance.draw(stream, request.row, site)


class _Compiled:
    """A line whose expressions are lambdas."""

    def __init__(self, line: Line) -> None:
        self.do = line.do
        self._work = {part: expression.scalar() for part, expression in line.expressions}
        self._args = list(line.args)

    def share(self, seeing: Seeing, draw: Callable[[str], Draw]) -> float:
        """0 where the line does not apply, its probability where it does."""
        if "when" in self._work and not self._work["when"](seeing, draw("when")):
            return 0.0
        if "probability" not in self._work:
            return 1.0
        return min(max(float(self._work["probability"](seeing, draw("probability"))), 0.0), 1.0)

    def arguments(self, seeing: Seeing, draw: Callable[[str], Draw], form: ActionForm) -> dict[str, Word]:
        return {
            name: form.arg(name).fit(self._work[f"with {name}"](seeing, draw(f"with {name}"))) for name in self._args
        }
