"""Reading what the platform found."""

from __future__ import annotations

from marketplace.models import ListingVersion
from marketplace.sandbox.models import EvaluationRun


def newest_report(version: ListingVersion) -> EvaluationRun | None:
    """The last evaluation that was carried out, with its cases."""
    done = EvaluationRun.objects.filter(version=version, state=EvaluationRun.State.DONE)
    return done.prefetch_related("cases").order_by("-ended_at").first()
