"""Migrate the public schema, the template and every workspace. Safe to run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenants.services import migrate_everything


class Command(BaseCommand):
    help = "Bring the database to the newest migrations, workspace by workspace."

    def handle(self, *args: Any, **options: Any) -> None:
        migrate_everything(verbosity=options["verbosity"] - 1)
