"""Make a tenant's schema by copying a migrated template, straight from PostgreSQL's catalogue.

Ten times faster than migrating. The stock `clone_schema` drops the length of `vector(n)` and renames unique
constraints; a clone made here equals a migrated schema in `pg_dump` (tests/tenants/test_cloning.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name as quoted

if TYPE_CHECKING:
    from tenants.database.base import DatabaseWrapper

TEMPLATE = "template_tenant"
TEMPLATE_LOCK = "tenant-template"  # migrations of the template take it alone, clones share it
SHARED_PATH = ("public", "extensions")

_COLUMNS = """
SELECT c.relname, a.attname, a.attidentity <> '', a.attgenerated <> ''
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname, a.attnum"""

# LIKE copies columns, defaults and checks as PostgreSQL holds them; written out and read again, a check may change its form.
_LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMPRESSION"

_CONSTRAINTS = """
SELECT conname, conrelid::regclass::text, contype, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE connamespace = %s::regnamespace AND contype IN ('p', 'u', 'x', 'f') AND conrelid <> 0 AND conparentid = 0
ORDER BY contype = 'f', conrelid::regclass::text, conname"""

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = %s::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname"""

# Their functions are in the public schema: one in the template's own would be an unknown object.
_TRIGGERS = """
SELECT pg_get_triggerdef(g.oid)
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE c.relnamespace = %s::regnamespace AND NOT g.tgisinternal
ORDER BY c.relname, g.tgname"""

_UNKNOWN = """
SELECT 'relation ' || relname || ' of kind ' || relkind::text FROM pg_class
  WHERE relnamespace = %(schema)s::regnamespace AND relkind NOT IN ('r', 'i', 'S', 't')
UNION ALL SELECT 'switched trigger ' || tgname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
  WHERE c.relnamespace = %(schema)s::regnamespace AND NOT tgisinternal AND tgenabled <> 'O'
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
UNION ALL SELECT 'policy ' || polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  WHERE c.relnamespace = %(schema)s::regnamespace
UNION ALL SELECT 'type ' || typname FROM pg_type
  WHERE typnamespace = %(schema)s::regnamespace AND typtype IN ('e', 'd', 'r')
UNION ALL SELECT 'free sequence ' || relname FROM pg_class c
  WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'S'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                    AND d.deptype IN ('a', 'i'))"""


class UnknownObjects(RuntimeError):
    """The template holds something that the cloner cannot copy, so a clone would not equal it."""


@dataclass
class _Table:
    name: str
    copied: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)


def clone_schema(template: str, new: str) -> None:
    """Create the schema `new` with the tables, constraints, indexes, triggers and rows of `template`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [TEMPLATE_LOCK])
        _set_path(cursor, template)
        statements = _statements(cursor, template)
        cursor.execute(f"CREATE SCHEMA {quoted(new)}")
        _set_path(cursor, new)
        cursor.execute(";\n".join(statements))
    cast("DatabaseWrapper", connection).search_path_set_schemas = None  # the path was set behind the backend's back


def _set_path(cursor: Any, schema: str) -> None:
    cursor.execute("SET LOCAL search_path = " + ",".join(quoted(name) for name in (schema, *SHARED_PATH)))


def _statements(cursor: Any, template: str) -> list[str]:
    cursor.execute(_UNKNOWN, {"schema": quoted(template)})
    unknown = [row[0] for row in cursor.fetchall()]
    if unknown:
        raise UnknownObjects(f"The schema {template} cannot be cloned; it holds {', '.join(unknown)}.")
    tables = _tables(cursor, template)
    created = [f"CREATE TABLE {quoted(t.name)} (LIKE {quoted(template)}.{quoted(t.name)} {_LIKE})" for t in tables]
    plain, foreign = _constraints(cursor, template)
    return created + plain + _data(cursor, template, tables) + _on_tables(cursor, template) + foreign


def _tables(cursor: Any, template: str) -> list[_Table]:
    cursor.execute(_COLUMNS, [quoted(template)])
    tables: dict[str, _Table] = {}
    for name, column, is_identity, is_generated in cursor.fetchall():
        table = tables.setdefault(name, _Table(name))
        if is_identity:
            table.identities.append(column)
        if not is_generated:
            table.copied.append(quoted(column))
    return list(tables.values())


def _constraints(cursor: Any, template: str) -> tuple[list[str], list[str]]:
    cursor.execute(_CONSTRAINTS, [quoted(template)])
    plain: list[str] = []
    foreign: list[str] = []
    for name, table, kind, definition in cursor.fetchall():
        target = foreign if kind == "f" else plain
        target.append(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}")
    return plain, foreign


def _data(cursor: Any, template: str, tables: list[_Table]) -> list[str]:
    statements = []
    for table in tables:
        source = f"{quoted(template)}.{quoted(table.name)}"
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {source})")  # noqa: S608  (names from the catalogue, quoted)
        if not cursor.fetchone()[0]:
            continue
        columns = ", ".join(table.copied)
        name = quoted(table.name)
        statements.append(f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {source}")  # noqa: S608
        statements += [
            f"SELECT setval(pg_get_serial_sequence('{name}', '{c}'), (SELECT max({quoted(c)}) FROM {name}))"  # noqa: S608
            for c in table.identities
        ]
    return statements


def _on_tables(cursor: Any, template: str) -> list[str]:
    """Indexes and triggers. A definition names the schema of its table, which is left to the search path."""
    definitions: list[str] = []
    for query in (_INDEXES, _TRIGGERS):
        cursor.execute(query, [quoted(template)])
        definitions += [row[0] for row in cursor.fetchall()]
    for prefix in (template, quoted(template)):
        definitions = [d.replace(f" ON {prefix}.", " ON ", 1) for d in definitions]
    return definitions
