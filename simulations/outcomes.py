"""What is told of ended plays of scenarios from the market: figures, and no word of their content."""

from __future__ import annotations

from simulations.models import Simulation
from tenants.context import current_schema
from tenants.models import Tenant
from tenants.provenance.models import RunOutcome


def tell_outcome(simulation: Simulation) -> None:
    """In the transaction of its end. A play that never began says nothing about a listing."""
    if not simulation.manifest_digests or simulation.started_at is None or simulation.finished_at is None:
        return
    tenant = Tenant.objects.get(schema_name=current_schema())
    RunOutcome.objects.bulk_create(
        (
            RunOutcome(
                digest=digest,
                tenant_id=tenant.pk,
                run_id=simulation.pk,
                kind=RunOutcome.Kind.SIMULATION,
                status=simulation.status,
                stop_reason=simulation.stop_reason,
                seconds=(simulation.finished_at - simulation.started_at).total_seconds(),
                ended_at=simulation.finished_at,
            )
            for digest in set(simulation.manifest_digests)
        ),
        ignore_conflicts=True,
    )
