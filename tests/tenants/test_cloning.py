"""A workspace is a copy of the template, equal to a migrated schema down to the names of its constraints."""

from __future__ import annotations

import subprocess

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.stack import postgres
from tenants.cloning import TEMPLATE, UnknownObjects, clone_schema
from tenants.models import Tenant, User
from tenants.services import create_workspace


def dump(schema: str) -> list[str]:
    """pg_dump of one schema, with the schema's name made neutral and the rows' times kept."""
    found = settings.DATABASES["default"]
    command = [
        str(postgres.installed() / "bin" / "pg_dump"),
        "--schema",
        schema,
        "--no-owner",
        "-h",
        found["HOST"],
        "-U",
        found["USER"],
        found["NAME"],
    ]
    text = subprocess.run(
        command, env={"PGPASSWORD": found["PASSWORD"]}, check=True, capture_output=True, text=True
    ).stdout
    return [
        line.replace(schema, "SCHEMA")
        for line in text.splitlines()
        if not line.startswith(("\\restrict", "\\unrestrict", "--"))
    ]


def test_a_clone_equals_a_migrated_schema(fresh_db: None) -> None:
    clone_schema(TEMPLATE, "t_copied")
    Tenant.objects.create(schema_name="t_migrated", name="Migrated", slug="migrated")
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA t_migrated")
    call_command("migrate_schemas", "--tenant", schema_name="t_migrated", verbosity=0)

    copied, migrated = dump("t_copied"), dump("t_migrated")
    assert len(copied) > 300
    assert copied[: copied.index("") + 1] == migrated[: migrated.index("") + 1]
    assert without_times(copied) == without_times(migrated)


def without_times(lines: list[str]) -> list[str]:
    """The moment at which each migration was applied is the one thing that may differ."""
    return [line.rpartition("\t")[0] if line[:1].isdigit() and line.count("\t") == 3 else line for line in lines]


def test_a_new_workspace_starts_empty_but_for_its_own_making(db: None, alice: User) -> None:
    tenant = create_workspace(name="Initech", slug="initech", by=alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t_initech.projects_run")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT action FROM t_initech.workspace_auditentry")
        assert cursor.fetchall() == [("workspace.created",)]
    assert tenant.schema_name == "t_initech"


def test_a_template_with_unknown_objects_is_refused(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE VIEW {TEMPLATE}.odd AS SELECT 1 AS one")
    with pytest.raises(UnknownObjects, match="relation odd of kind v"):
        clone_schema(TEMPLATE, "t_never")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 't_never'")
        assert cursor.fetchone() == (0,)
