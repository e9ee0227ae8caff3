"""What is told of ended runs of something from the market, in the transaction of their end: figures, and no word of their content."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

_OUTCOMES = """
INSERT INTO public.provenance_runoutcome
    (id, created_at, updated_at, digest, tenant_id, run_id, kind, status, stop_reason, model, cost, tokens, seconds, ended_at)
SELECT gen_random_uuid(), now(), now(), made_from.digest, t.id, r.id, 'run', r.status, r.stop_reason, r.model, r.cost,
       r.prompt_tokens + r.completion_tokens,
       greatest(0, extract(epoch FROM r.finished_at - r.deadline_at) + r.seconds_allowed), r.finished_at
FROM projects_run r
CROSS JOIN LATERAL (SELECT DISTINCT unnest(r.manifest_digests) AS digest) made_from
JOIN public.tenants_tenant t ON t.schema_name = %s
WHERE r.id = ANY(%s) AND r.finished_at IS NOT NULL AND r.started_at IS NOT NULL AND r.origin <> 'replay'
ON CONFLICT (run_id, digest) DO NOTHING"""


def tell_outcomes(runs: Collection[UUID], *, schema: str) -> None:
    """For ended runs of this workspace. Runs that never began, and replays, which ask nobody, say nothing about a listing.

    Time spent waiting for a person is not the run's: its deadline was moved by as much.
    """
    if runs:
        with connection.cursor() as cursor:
            cursor.execute(_OUTCOMES, [schema, list(runs)])
