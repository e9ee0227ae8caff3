"""Which runs count. One statement, so that every figure is about the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

GOOD = ["succeeded", "completed"]  # of runs, and of simulations
BAD = ["failed", "timed_out"]
# Why a run failed that says nothing about the listing: a person did not answer or said no, the worker died, the provider was away or refused.
NOT_ITS_FAULT = [
    "unanswered", "rejected", "input_missing", "worker_died", "lease_lost", "revocations_unknown", "rate_limited",
    "provider_unreachable", "provider_overloaded", "credential_refused", "circuit_open", "model_not_found",
]  # fmt: skip

# Not counted: what a person stopped, the publisher's own workspace and those whose owners speak for it, who contributes nothing,
# and the platform's own workspaces, which have no members.
_COUNTED = """
WITH counted AS (
    SELECT o.tenant_id, o.model, o.created_at, o.ended_at, o.cost::float AS cost, o.tokens::float AS tokens, o.seconds,
           o.status = ANY(%(good)s) AS good, v.id AS version_id, v.listing_id
    FROM public.provenance_runoutcome o
    JOIN public.marketplace_listingversion v ON v.digest = o.digest AND v.published_at IS NOT NULL
    JOIN public.marketplace_listing l ON l.id = v.listing_id
    JOIN public.marketplace_publisher p ON p.id = l.publisher_id
    WHERE (o.status = ANY(%(good)s) OR o.status = ANY(%(bad)s) AND o.stop_reason <> ALL(%(not_its_fault)s))
      AND o.tenant_id IS DISTINCT FROM p.tenant_id
      AND NOT EXISTS (SELECT 1 FROM public.evidence_withheld w WHERE w.tenant_id = o.tenant_id)
      AND EXISTS (SELECT 1 FROM public.tenants_membership m WHERE m.tenant_id = o.tenant_id)
      AND NOT EXISTS (
          SELECT 1 FROM public.tenants_membership theirs JOIN public.tenants_membership own ON own.user_id = theirs.user_id
          WHERE theirs.tenant_id = o.tenant_id AND theirs.role = 'owner'
            AND own.tenant_id = p.tenant_id AND own.role IN ('owner', 'admin'))
)
"""
SUMS = """
    count(*)::int AS runs, (count(*) FILTER (WHERE good))::int AS succeeded, count(DISTINCT tenant_id)::int AS workspaces,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY cost) AS cost_median, percentile_cont(0.95) WITHIN GROUP (ORDER BY cost) AS cost_p95,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds_median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS seconds_p95,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY tokens) AS tokens_median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY tokens) AS tokens_p95
"""
COLUMNS = (
    "runs", "succeeded", "workspaces", "cost_median", "cost_p95", "seconds_median", "seconds_p95", "tokens_median", "tokens_p95",
)  # fmt: skip


def ask(statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run `statement` over the CTE `counted`; rows by column. One that returns nothing gives an empty list."""
    given = {**values, "good": GOOD, "bad": BAD, "not_its_fault": NOT_ITS_FAULT}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED + statement, given)
        if cursor.description is None:
            return []
        names: Sequence[str] = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
