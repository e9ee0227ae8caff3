"""Making a workspace as we do it, by cloning the template, beside migrating a new schema."""

from __future__ import annotations

import json
from typing import Any

from bench import stage

NAMES = ("workspace_create_seconds",)

_CODE = """
import json, statistics, time
from django.core.management import call_command
from django.db import connection
from tenants.models import Tenant
from tenants.services import create_workspace
from tests import cast

def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

def migrate(n):
    Tenant.objects.create(schema_name=f"t_migrated{n}", name="Migrated", slug=f"migrated{n}")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA t_migrated{n}")
    call_command("migrate_schemas", "--tenant", schema_name=f"t_migrated{n}", verbosity=0)

maker = cast.person("mallory")
cloned, migrated = [], []
for n in range(5):
    cloned.append(timed(lambda: create_workspace(name="Cloned", slug=f"cloned{n}", by=maker)))
    migrated.append(timed(lambda: migrate(n)))
print(json.dumps([statistics.median(cloned), statistics.median(migrated)]))
"""


def measure() -> dict[str, Any]:
    with stage.stack() as live:
        cloned, migrated = json.loads(stage.python(live, _CODE).splitlines()[-1])
    return {
        "name": "workspace_create_seconds",
        "value": round(cloned, 3),
        "unit": "s",
        "baseline": round(migrated, 3),
        "ratio": round(cloned / migrated, 3),
        "better": "lower",
        "note": "median of 5; baseline: migrate a new schema",
    }
