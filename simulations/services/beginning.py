"""Beginning a play, and who may."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from simulations.chat.access import is_conversation
from simulations.chat.services import begin as begin_conversation
from simulations.library import definition_of
from simulations.limits import refuse_one_more
from simulations.models import Scenario, Simulation
from simulations.services.plays import resume_simulation
from simulations.services.settling import Settings, Settled, settle
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Forbidden
from tenants.provenance import revoked

MOST_TITLE = 160


@transaction.atomic
def create_simulation(
    *, scenario: Scenario, settings: Settings, start: bool, by: Member, one_of_many: bool = False
) -> Simulation:
    """Prepare a play, and with `start` hand it to a worker. `one_of_many`: a sweep bounds by itself how many run at once."""
    require_builder(by)
    if is_conversation(scenario):
        return begin_conversation(scenario=scenario, title=settings.title, by=by)
    settled = settle(definition_of(scenario), scenario, settings)
    require_leave(scenario, asks_models=settled.asks_models)
    if start and not one_of_many:
        refuse_one_more()
    simulation = Simulation.objects.create(
        scenario=scenario,
        title=(settings.title or f"{scenario.name}, seed {settled.seed}")[:MOST_TITLE],
        manifest_digests=[scenario.manifest_digest] if scenario.manifest_digest else [],
        started_by_id=by.user_id,
        started_by=by.name or by.email,
        **_columns(scenario.key, settled),
    )
    audit.record("simulation.created", simulation, by=by, scenario=scenario.key)
    return resume_simulation(simulation=simulation, by=by, counted=False) if start else simulation


def require_leave(scenario: Scenario, *, asks_models: bool) -> None:
    """Refuse what was not granted when the scenario was installed, and what the marketplace has blocked since."""
    revoked.refuse_hard([scenario.manifest_digest] if scenario.manifest_digest else [])
    if scenario.grants is None:
        return
    if "compute" not in scenario.grants:
        raise Forbidden(
            "It was installed without the permission to use processor time of the workers.", code="permission"
        )
    if asks_models and not any(code.startswith("model:") for code in scenario.grants):
        detail = "It was installed without a permission to call a language model; play it by its rules."
        raise Forbidden(detail, code="permission")


def _columns(key: str, settled: Settled) -> dict[str, Any]:
    return {
        "key": key,
        "definition": settled.spec.document(),
        "scenario_digest": settled.spec.digest,
        "parameters": dict(settled.parameters),
        "population": dict(settled.population),
        "policy": settled.policy,
        "assign": dict(settled.assign),
        "model": settled.model,
        "budget": dict(settled.budget),
        "seed": settled.seed,
        "steps": settled.steps,
        "until": settled.steps,
        "pace": settled.pace,
        "run_hash": settled.run_hash,
    }
