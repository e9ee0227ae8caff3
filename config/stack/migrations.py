"""Whether the embedded database is migrated to what this checkout needs, without asking Django (which takes a second)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from config.stack.paths import CHECKOUT, DATABASE, Layout

_APPS = ("agents", "marketplace", "projects", "simulations", "tenants")
_ALSO = (
    "config/settings/applications.py",
    "requirements/base.txt",
    "tenants/cloning.py",
)  # which apps, and whose migrations


def digest() -> str:
    """Changes when a migration of ours or of an installed app may have changed."""
    files = [CHECKOUT / name for name in _ALSO]
    for app in _APPS:
        files += sorted((CHECKOUT / app).rglob("migrations/*.py"))
    total = hashlib.sha256()
    for file in files:
        total.update(str(file.relative_to(CHECKOUT)).encode())
        total.update(_content(file))
    return total.hexdigest()[:16]


def is_current(layout: Layout) -> bool:
    """Whether the mark on the database is this checkout's. The mark lives in the database, so it cannot outlive it."""
    with psycopg.connect(layout.database_url("postgres")) as connection:
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        row = connection.execute(query, [DATABASE]).fetchone()
    return row is not None and row[0] == _mark()


def mark_current(layout: Layout) -> None:
    with psycopg.connect(layout.database_url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(DATABASE), sql.Literal(_mark()))
        )


def _mark() -> str:
    return f"guildhall migrations {digest()}"


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
