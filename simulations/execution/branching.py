"""A branch before its first step of its own: the shared steps, and a checkpoint from which it goes another way."""

from __future__ import annotations

import asyncio
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from simulations import access
from simulations.engine.errors import SimulationError
from simulations.engine.hybrid import HybridSimulationEngine, Manner
from simulations.engine.policies.building import Ports
from simulations.engine.recording import DecisionLog, InterventionLog
from simulations.engine.spec import ScenarioSpec
from simulations.execution import saying
from simulations.execution.acts import acts_of
from simulations.execution.building import Way, digests_of, log_of, recorded_of
from simulations.library import definition_of
from simulations.limits import limits
from simulations.models import Checkpoint, Decision, Hello, Simulation

_FRAMES = """
INSERT INTO simulations_frame (simulation_id, seq, step, kind, payload, metrics, digest, created_at)
SELECT %(branch)s, %(seq)s + row_number() OVER (ORDER BY step), step, kind, payload, metrics, digest, now()
FROM simulations_frame WHERE simulation_id = %(parent)s AND step <= %(step)s AND kind <> 'status'"""


def prepare(simulation: Simulation, loop: asyncio.Runner) -> Simulation:
    """Play the shared steps from the record, which asks nobody, and store them as the branch's own.

    Raises SimulationError where they do not come to the recorded state any more.
    """
    if simulation.mode != Simulation.Mode.BRANCH or simulation.digest:
        return simulation
    parent, step = recorded_of(simulation), simulation.branched_at or 0
    with _shared(parent, definition_of(simulation), step, loop) as engine:
        recorded = digests_of(parent, after=step).get(step)
        if engine.step_number != step or engine.digest != recorded:
            raise SimulationError(f"The shared steps did not come to the recorded state of step {step}.")
        turned = Way(simulation, Ports(), DecisionLog())
        engine.turn_off(
            simulation.overrides.get("parameters", {}),
            policy=simulation.assign or simulation.policy,
            build=turned.build,
        )
        return _stored(simulation, parent, engine)


def _shared(parent: Simulation, spec: ScenarioSpec, step: int, loop: asyncio.Runner) -> HybridSimulationEngine:
    """The parent's engine as it was after `step`."""
    way = Way(parent, Ports(), log_of(parent, until=step), replays=True)
    acts, manner = InterventionLog(acts_of(parent)).until(step), Manner(limits=limits())
    kept = Checkpoint.objects.filter(simulation=parent, step__lte=step).order_by("-step").first()
    if kept is not None:
        engine = HybridSimulationEngine.restore(bytes(kept.body), spec, build=way.build, acts=acts, manner=manner)
    else:
        policy = parent.assign or parent.policy
        began = {"seed": parent.seed, "parameters": parent.parameters, "policy": policy}
        engine = HybridSimulationEngine(spec, **began, build=way.build, acts=acts, manner=manner)
    loop.run(engine.run(step))
    return engine


@transaction.atomic
def _stored(simulation: Simulation, parent: Simulation, engine: HybridSimulationEngine) -> Simulation:
    step = engine.step_number
    locked = access.lock(simulation.pk)
    with connection.cursor() as cursor:
        given: dict[str, UUID | int] = {"branch": locked.pk, "parent": parent.pk, "step": step, "seq": locked.last_seq}
        cursor.execute(_FRAMES, given)
        locked.last_seq += cursor.rowcount
    saying.copy(parent, locked, until=step)
    _copy(Decision.objects.filter(simulation=parent, step__lte=step), locked)
    hello = Hello.objects.filter(simulation=parent).values_list("content", flat=True).first()
    if hello is not None:
        Hello.objects.update_or_create(simulation=locked, defaults={"content": hello})
    Checkpoint.objects.create(simulation=locked, step=step, body=engine.snapshot(), newest=True)
    locked.step, locked.digest, locked.metrics = step, engine.digest, dict(engine.latest.metrics)
    locked.save(update_fields=["step", "digest", "metrics", "last_seq", "said_kept", "said_cut_at", "updated_at"])
    return locked


def _copy(rows: QuerySet[Decision], branch: Simulation) -> None:
    """The same rows, of the branch."""
    kept = []
    for row in rows.iterator(chunk_size=1_000):
        row.pk, row.simulation = None, branch
        kept.append(row)
    Decision.objects.bulk_create(kept, batch_size=1_000)
