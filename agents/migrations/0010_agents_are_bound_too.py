"""Agents that came with an installed crew are bound as it is, wherever they work."""

from __future__ import annotations

from django.db import migrations

BIND = """
UPDATE agents_agent a SET grants = c.grants FROM agents_crew c
WHERE a.came_with = c.id AND c.grants IS NOT NULL AND a.grants IS NULL"""


class Migration(migrations.Migration):
    dependencies = [("agents", "0009_manifests_and_bounds")]
    operations = [migrations.RunSQL(BIND, migrations.RunSQL.noop)]
