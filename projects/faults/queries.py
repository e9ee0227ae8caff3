"""Reading errors."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from projects.faults.models import Fault


def faults(
    *, category: str | None = None, recovered: bool | None = None, run: str | None = None, code: str | None = None
) -> QuerySet[Fault]:
    """Errors with their runs' titles."""
    found = Fault.objects.select_related("run").only(
        *(field.attname for field in Fault._meta.concrete_fields), "run__title", "run__status"
    )
    for name, value in (("category", category), ("recovered", recovered), ("run_id", run), ("code", code)):
        if value is not None:
            found = found.filter(**{name: value})
    return found


def by_category() -> dict[str, tuple[int, int]]:
    """How many errors of each category there are, and how many of them were put right."""
    rows = Fault.objects.values("category").annotate(all=Count("id"), right=Count("id", filter=Q(recovered=True)))
    return {row["category"]: (row["all"], row["right"]) for row in rows}
