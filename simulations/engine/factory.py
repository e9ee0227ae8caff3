"""One place where a play is put together: from a scenario, its ports and its records; each of them may be a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulations.engine.decisions import AfterCap, DecisionPolicy
from simulations.engine.hybrid import USUAL, Assigned, Build, HybridSimulationEngine, Manner
from simulations.engine.parameters import Value
from simulations.engine.policies.building import Building, Ports, Terms
from simulations.engine.recording import DecisionLog, InterventionLog, Recorded, ReplayPolicy
from simulations.engine.spec import ScenarioSpec
from simulations.engine.spend import Spend

Mode = Literal["live", "replay", "branch"]


@dataclass(slots=True)
class Deciding:
    """Who is asked, and what is known already. In mode `replay` nobody is asked: a decision not in `log` ends the play.

    A branch goes on live from a log that ends where it turns off (`log.until(step)`). `model` is asked where a policy
    names none; `after_cap` overrides what policies say; `spend` are the books of the whole play.
    """

    ports: Ports = field(default_factory=Ports)
    log: DecisionLog = field(default_factory=DecisionLog)
    mode: Mode = "live"
    model: str = ""
    after_cap: AfterCap | None = None
    spend: Spend = field(default_factory=Spend)
    call_seconds: float = 60.0

    def build(self, spec: ScenarioSpec, settings: Mapping[str, Value], seed: int) -> Building:
        """The policies of a play, as the engine asks for them."""
        terms = Terms(settings, seed, self.model, self.after_cap, self.spend, self.call_seconds)
        return Building(spec, terms, self.ports, self._recorded)

    def _recorded(self, policy: DecisionPolicy) -> DecisionPolicy:
        return ReplayPolicy(policy, self.log) if self.mode == "replay" else Recorded(policy, self.log)


def build_engine(
    spec: ScenarioSpec,
    *,
    seed: int = 0,
    parameters: Mapping[str, Any] | None = None,
    policy: Assigned = None,
    deciding: Deciding | None = None,
    acts: InterventionLog | None = None,
    manner: Manner = USUAL,
    checkpoint: bytes | None = None,
) -> HybridSimulationEngine:
    """An engine at its beginning, or at a checkpoint (which knows seed, parameters, policy and acts by itself).

    Without `deciding` rules decide, and models, crews and people are spoken for by their fallbacks.
    """
    build: Build = (deciding or Deciding()).build
    if checkpoint is not None:
        return HybridSimulationEngine.restore(checkpoint, spec, policy=policy, build=build, acts=acts, manner=manner)
    return HybridSimulationEngine(
        spec, seed=seed, parameters=parameters, policy=policy, build=build, acts=acts, manner=manner
    )
