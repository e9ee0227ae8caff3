"""What a step came to, and in which manner a play is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agents.protocol.steps.recent import Said
from simulations.engine.decisions import ZERO
from simulations.engine.frames import Frame
from simulations.engine.spec import LIMITS, Limits
from simulations.engine.stages import STAGES, Stage
from simulations.engine.state import Delta
from simulations.engine.world.contract import Metrics

NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step as others see it.

    `decisions` counts agents by who decided for them; `fallbacks` those of them by why a fallback was used; `requests`
    are distinct situations that policies were asked about, `refused` what was chosen and could not be done. `calls`,
    `tokens` and `cost` (US dollars) are those of models. `timings` are seconds by stage. `frame` is the picture, where the
    engine takes pictures. `said` is what agents said and what came of it.
    """

    step: int
    metrics: Metrics
    digest: str
    delta: Delta = field(repr=False)
    finished: bool
    decisions: Mapping[str, int] = field(default_factory=dict)
    fallbacks: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    refused: int = 0
    calls: int = 0
    tokens: int = 0
    cost: Decimal = ZERO
    timings: Mapping[str, float] = field(default_factory=dict)
    frame: Frame | None = None
    said: Said = NOTHING_SAID


Watcher = Callable[[StepResult], None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a play is carried out. `watchers` are called with each result, and must not wait; `pictures`: frames are made."""

    stages: Sequence[Stage] = STAGES
    watchers: Sequence[Watcher] = ()
    limits: Limits = LIMITS
    pictures: bool = False


USUAL = Manner()
