"""The log as a table for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone

from tenants.queries import newest_first
from tenants.wire.tables import csv_answer
from tenants.workspace.models import AuditEntry

MOST = 10_000
HEAD = ("when", "who", "who_id", "via", "address", "action", "what", "what_id", "name", "detail")


def as_file(entries: QuerySet[AuditEntry]) -> HttpResponse:
    """The newest entries, at most `MOST`; times in UTC."""
    return csv_answer(f"audit-{timezone.now():%Y-%m-%d}.csv", HEAD, _lines(entries))


def _lines(entries: QuerySet[AuditEntry]) -> Iterator[tuple[str, ...]]:
    for entry in newest_first(entries)[:MOST].iterator(chunk_size=500):
        yield (
            entry.created_at.isoformat(),
            entry.by_name,
            str(entry.by_id or ""),
            entry.via,
            entry.address,
            entry.action,
            entry.target_type,
            str(entry.target_id or ""),
            entry.target_name,
            json.dumps(entry.detail, ensure_ascii=False, sort_keys=True) if entry.detail else "",
        )
