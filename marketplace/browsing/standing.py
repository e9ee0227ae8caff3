"""How a listing stands before anybody has asked for words: who uses it, and how good it is.

One formula, in SQL, because it is computed for every listing of the market at once; the page that explains an order reads the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

TRUSTED_FROM = 3  # workspaces that use it
STEP = 1_000  # of weight, per doubling of the workspaces

# Each part is between 0 and 1: reviews drawn towards the middle, the listing's own cases, real runs of many workspaces, health, few
# permissions, how recent. What nobody knows yet counts as middling.
_FIGURES = """
WITH parts AS (
    SELECT l.id, l.active_tenants, l.rating_bayes, l.health,
        CASE WHEN l.rating_count > 0 THEN (l.rating_bayes - 1) / 4 ELSE 0.6 END AS rating,
        CASE l.health WHEN 'ok' THEN 1.0 WHEN 'degraded' THEN 0.3 WHEN 'failing' THEN 0.0 ELSE 0.5 END AS health_part,
        coalesce(own.score, 0.5) AS evaluation, coalesce(real.rate, 0.5) AS success,
        CASE v.risk WHEN 1 THEN 1.0 WHEN 2 THEN 0.7 ELSE 0.3 END AS restraint,
        greatest(0, 1 - extract(epoch FROM now() - v.published_at) / (365 * 86400))::float AS freshness,
        p.verified_at IS NOT NULL OR l.active_tenants >= %(trusted)s AS trusted,
        v.availability = 'available' AND l.health <> 'failing' AS usable
    FROM marketplace_listing l
    JOIN marketplace_listingversion v ON v.id = l.current_version_id
    JOIN marketplace_publisher p ON p.id = l.publisher_id
    LEFT JOIN LATERAL (
        SELECT score FROM sandbox_evaluationrun WHERE version_id = v.id AND state = 'done' ORDER BY created_at DESC LIMIT 1
    ) own ON true
    LEFT JOIN LATERAL (
        SELECT sum(succeeded)::float / sum(runs) AS rate FROM evidence_cell WHERE version_id = v.id AND is_shown
    ) real ON true
    WHERE (%(ids)s::uuid[] IS NULL OR l.id = ANY(%(ids)s::uuid[]))
), figures AS (
    SELECT *, 0.3 * rating + 0.15 * evaluation + 0.2 * success + 0.15 * health_part + 0.12 * restraint + 0.08 * freshness AS quality
    FROM parts
), weights AS (
    SELECT *, (floor(log(2, 1 + active_tenants))::int - (health = 'degraded')::int) * %(step)s
        + (quality * (%(step)s - 1))::int AS weight FROM figures
)
"""
_REWEIGH = f"""
{_FIGURES}
UPDATE browsing_entry e
SET rating = w.rating_bayes, workspaces = w.active_tenants, weight = w.weight, trusted = w.trusted, usable = w.usable
FROM weights w
WHERE w.id = e.listing_id AND (e.rating, e.workspaces, e.weight, e.trusted, e.usable)
    IS DISTINCT FROM (w.rating_bayes, w.active_tenants, w.weight, w.trusted, w.usable)
"""  # noqa: S608  (constants of this file)
_EXPLAIN = f"""
{_FIGURES}
SELECT id, active_tenants, rating::float, evaluation::float, success::float, health, health_part::float, restraint::float, freshness, trusted, quality::float FROM figures
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Standing:
    """The parts of one listing's standing, each from 0 to 1 except the number of workspaces."""

    workspaces: int
    rating: float
    evaluation: float
    success: float
    health: str
    health_part: float
    restraint: float
    freshness: float
    trusted: bool
    quality: float


def reweigh(listing_ids: Collection[UUID] | None = None) -> int:
    """Bring the weights up to date, of these listings or of all; how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REWEIGH, _parameters(listing_ids))
        return int(cursor.rowcount)


def explain(listing_ids: Collection[UUID]) -> dict[UUID, Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_EXPLAIN, _parameters(listing_ids))
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


def _parameters(listing_ids: Collection[UUID] | None) -> dict[str, list[UUID] | int | None]:
    ids = None if listing_ids is None else list(listing_ids)
    return {"ids": ids, "trusted": TRUSTED_FROM, "step": STEP}
