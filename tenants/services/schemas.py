"""The schemas of the database at the version that the code needs."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection

from tenants.cloning import TEMPLATE
from tenants.models import Tenant
from tenants.services.rendering import without_needless_rendering


def ensure_template() -> None:
    """Make and migrate the schema that new workspaces are cloned from."""
    template, _ = Tenant.objects.get_or_create(
        schema_name=TEMPLATE, defaults={"name": "Template", "slug": "template-tenant", "status": Tenant.Status.TEMPLATE}
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {template.schema_name}")


def migrate_everything(*, verbosity: int = 0) -> None:
    """Bring the public schema, the template and every workspace to the newest migrations."""
    with without_needless_rendering():
        call_command("migrate_schemas", "--shared", verbosity=verbosity, interactive=False)
        ensure_template()
        call_command("migrate_schemas", "--tenant", verbosity=verbosity, interactive=False)
