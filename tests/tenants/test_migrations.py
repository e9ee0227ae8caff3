"""An upgrade is rolled out over a running installation: what still runs the version before goes on writing rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.migrations import AddField, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

# The newest of each app that adds a column without one.
BEFORE = {
    "agents": 9,
    "installs": 2,
    "marketplace": 5,
    "projects": 5,
    "simulations": 7,
    "sweeps": 2,
    "tools": 3,
    "work": 2,
}


def new_columns() -> Iterator[tuple[str, AddField]]:
    loader = MigrationLoader(None)
    for (app, name), migration in loader.disk_migrations.items():
        if _is_ours(app) and int(name[:4]) > BEFORE.get(app, 0):
            yield from ((f"{app} {name}", each) for each in _added(migration))


def _is_ours(app: str) -> bool:
    path = apps.get_app_config(app).path
    return path.startswith(str(settings.BASE_DIR)) and "site-packages" not in path


def _added(migration: Migration) -> Iterator[AddField]:
    return (each for each in migration.operations if isinstance(each, AddField))


def test_a_new_column_is_filled_by_the_database_for_who_does_not_know_it() -> None:
    found = list(new_columns())
    assert ("simulations 0008_messages", "said_kept") in [(place, each.name) for place, each in found]
    lacking = [
        (place, each.name)
        for place, each in found
        if not each.field.null and not each.field.many_to_many and each.field.db_default is NOT_PROVIDED
    ]
    assert lacking == []
