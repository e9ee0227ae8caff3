"""`manage.py prepare`: public schema, template and every workspace at the newest migrations; on a server also the files of its pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database, and on a server the static files, to what this version needs. Safe to run again."
    requires_system_checks: list[str] = []

    def handle(self, *, verbosity: int, **_options: Any) -> None:
        from tenants.services import migrate_everything

        migrate_everything(verbosity=verbosity)
        if settings.STATIC_ROOT:
            call_command("collectstatic", interactive=False, verbosity=verbosity)
