"""`manage.py prepare`: the public schema, the template and every workspace at the newest migrations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database to what this version needs. Safe to run again."
    requires_system_checks: list[str] = []

    def handle(self, *, verbosity: int, **_options: Any) -> None:
        from tenants.services import migrate_everything

        migrate_everything(verbosity=verbosity)
