"""`manage.py rewrap_credentials`: after CREDENTIALS_KEYS got a new first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Wrap the keys of every workspace with the first of CREDENTIALS_KEYS; after it the older ones may go."

    def handle(self, *args: Any, **options: Any) -> None:
        from tenants import sealing
        from tenants.context import enter
        from tenants.models import Tenant

        total = 0
        for schema in Tenant.objects.exclude(schema_name="public").values_list("schema_name", flat=True):
            with enter(schema):
                total += sealing.rewrap()
        self.stdout.write(f"{total} keys were wrapped anew. CREDENTIALS_KEYS may lose all but its first key.")
