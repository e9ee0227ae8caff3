"""From the rows of a play to an engine that goes on where they end, with its ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from agents.connections.gateways import follow_sync
from agents.tools.leave import Granted
from projects.budgets.spending import Caller
from projects.work.leases import Lease
from simulations.engine.decisions import DecisionPolicy, DecisionRequest
from simulations.engine.hybrid import HybridSimulationEngine, Manner
from simulations.engine.policies.building import PERSON_WAITS, Building, Ports, Terms
from simulations.engine.recording import DecisionLog, Entry, InterventionLog, Recorded, ReplayPolicy
from simulations.engine.spec import ScenarioSpec
from simulations.engine.spec.policies import HumanPolicy
from simulations.engine.spend import Bill, Cap, Spend
from simulations.execution.acts import acts_of
from simulations.library import definition_of
from simulations.limits import limits
from simulations.models import Checkpoint, Decision, Frame, Simulation
from simulations.ports.answers import WorkspaceAnswers, decision_of
from simulations.ports.crews import RuntimeCrews
from simulations.ports.meter import Meter, Whose
from simulations.ports.models import GatewayModels
from simulations.ports.seats import PlaySeats
from tenants.errors import Unavailable

Mode = Simulation.Mode


@dataclass(slots=True)
class Built:
    """An engine and what belongs to it: the log of its decisions, its seats, the meter of its calls.

    `recorded` is the play that a replay is held against, `digests` are that one's, by step.
    """

    engine: HybridSimulationEngine
    log: DecisionLog
    seats: PlaySeats
    meter: Meter | None = None
    digests: Mapping[int, str] = field(default_factory=dict)
    recorded: Simulation | None = None

    async def close(self) -> None:
        self.engine.close()
        if self.meter is not None:
            await self.meter.close()

    def seconds_left(self, requests: Sequence[DecisionRequest]) -> float:
        """Until nobody is waited for any longer."""
        declared = (each for each in self.engine.spec.policies.values() if isinstance(each, HumanPolicy))
        wait = next((float(each.wait_seconds) for each in declared), PERSON_WAITS)
        return max(0.0, wait - max((self.seats.seconds_waited(each.key) for each in requests), default=0.0))


@dataclass(slots=True)
class Way:
    """How policies are built for a play: with which ports, on which terms, over which log."""

    simulation: Simulation
    ports: Ports
    log: DecisionLog
    replays: bool = False

    @property
    def prompts(self) -> Mapping[str, str]:
        """Those that a branch has of its own."""
        found: Mapping[str, str] = self.simulation.overrides.get("prompts", {})
        return found

    def build(self, spec: ScenarioSpec, parameters: Any, seed: int) -> Building:
        simulation, budget = self.simulation, self.simulation.budget
        spend = Spend(cap_in(budget), budget.get("after_cap", "rules"))
        spend.resume(Bill(simulation.llm_calls, simulation.tokens, simulation.cost))
        terms = Terms(
            parameters,
            seed,
            model=simulation.model,
            after_cap=budget.get("after_cap"),
            spend=spend,
            call_seconds=settings.SIMULATIONS_CALL_SECONDS,
        )
        return Building(prompted(spec, self.prompts), terms, self.ports, self._wrap)

    def _wrap(self, policy: DecisionPolicy) -> DecisionPolicy:
        return ReplayPolicy(policy, self.log) if self.replays else Recorded(policy, self.log)


def built_for(simulation: Simulation, lease: Lease) -> Built:
    """Raises SimulationError or Unavailable where this release cannot go on with it."""
    spec = definition_of(simulation)
    seats = PlaySeats(lease.schema, simulation.pk)
    if simulation.mode == Mode.REPLAY:
        return _replay(simulation, spec, seats)
    log = log_of(simulation, after=simulation.step)
    meter = meter_for(simulation, spec, lease)
    ports = Ports(seats=seats) if meter is None else ports_over(meter, simulation, seats, lease.schema)
    way = Way(simulation, ports, log)
    return Built(engine_of(simulation, spec, way, InterventionLog(acts_of(simulation))), log, seats, meter)


def _replay(simulation: Simulation, spec: ScenarioSpec, seats: PlaySeats) -> Built:
    """Everything that was decided comes out of the record of the play that it goes through."""
    recorded = recorded_of(simulation)
    way = Way(simulation, Ports(seats=seats), log_of(recorded), replays=True)
    engine = engine_of(simulation, spec, way, InterventionLog(acts_of(recorded)))
    return Built(
        engine, DecisionLog(), seats, digests=digests_of(recorded, after=engine.step_number), recorded=recorded
    )


def recorded_of(simulation: Simulation) -> Simulation:
    """The play that a replay goes through, or that a branch leaves."""
    if simulation.parent is None:
        raise Unavailable("The play that this one goes through is gone.")
    return simulation.parent


def digests_of(simulation: Simulation, *, after: int = 0) -> dict[int, str]:
    pictured = Frame.objects.filter(simulation=simulation, step__gte=after).exclude(kind=Frame.Kind.STATUS)
    return dict(pictured.values_list("step", "digest"))


def engine_of(simulation: Simulation, spec: ScenarioSpec, way: Way, acts: InterventionLog) -> HybridSimulationEngine:
    """At the newest checkpoint, or at the beginning."""
    manner = Manner(limits=limits(), pictures=True)
    found = _begins_at(simulation)
    if found is not None:
        return HybridSimulationEngine.restore(bytes(found.body), spec, build=way.build, acts=acts, manner=manner)
    return HybridSimulationEngine(
        spec,
        seed=simulation.seed,
        parameters=simulation.parameters,
        policy=simulation.assign or simulation.policy or None,
        build=way.build,
        acts=acts,
        manner=manner,
    )


def _begins_at(simulation: Simulation) -> Checkpoint | None:
    """Its own newest checkpoint; a replay of a branch begins where the branch does."""
    own = Checkpoint.objects.filter(simulation=simulation, newest=True).first()
    recorded = simulation.parent
    if own is not None or simulation.mode != Mode.REPLAY or recorded is None or recorded.branched_at is None:
        return own
    return Checkpoint.objects.filter(simulation=recorded, step=recorded.branched_at).first()


def log_of(simulation: Simulation, *, after: int = 0, until: int | None = None) -> DecisionLog:
    """What was decided and may be asked for again: what lasts, and what belongs to steps after `after`."""
    rows = Decision.objects.filter(Q(lasting=True) | Q(step__gt=after), simulation=simulation)
    if until is not None:
        rows = rows.filter(step__lte=until)
    found = rows.order_by("id").iterator(chunk_size=1_000)
    return DecisionLog(Entry(row.step, row.archetype, row.agent, row.count, decision_of(row)) for row in found)


def meter_for(simulation: Simulation, spec: ScenarioSpec, lease: Lease) -> Meter | None:
    """The way to the workspace's models, for a play that may ask one."""
    if not asks_models(simulation, spec):
        return None
    caller = Caller(lease.kind, simulation.pk, lease.fence)
    grants = None if simulation.scenario is None else simulation.scenario.grants
    may_ask = (lambda _: True) if grants is None else Granted.of(grants, {}).calls
    return Meter(
        follow_sync(lease.schema),
        Whose(lease.schema, caller, may_ask),
        call_seconds=settings.SIMULATIONS_CALL_SECONDS,
    )


def ports_over(meter: Meter, simulation: Simulation, seats: PlaySeats, schema: str) -> Ports:
    digest, model = simulation.scenario_digest, simulation.model
    return Ports(
        models=GatewayModels(meter, model=model),
        crews=RuntimeCrews(meter, schema=schema, scenario_digest=digest, model=model),
        seats=seats,
        store=WorkspaceAnswers(schema, digest),
    )


def asks_models(simulation: Simulation, spec: ScenarioSpec) -> bool:
    return any(spec.asks_models(name) for name in set(simulation.assign.values()) or {simulation.policy})


def prompted(spec: ScenarioSpec, prompts: Mapping[str, str]) -> ScenarioSpec:
    """The scenario with other texts for some of its policies; everything else is as it was."""
    if not prompts:
        return spec
    changed = {name: _with_prompt(spec.policies[name], text) for name, text in prompts.items()}
    return spec.model_copy(update={"policies": {**spec.policies, **changed}})


def _with_prompt(policy: Any, text: str) -> Any:
    return policy.model_copy(update={"task" if policy.kind == "crew" else "prompt": text})


def cap_in(budget: dict[str, Any]) -> Cap:
    usd = budget.get("usd")
    return Cap(budget.get("calls"), budget.get("tokens"), None if usd is None else Decimal(str(usd)))
