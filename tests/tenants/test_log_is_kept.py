"""The audit log of a workspace is only ever added to, whoever asks the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from tenants import audit
from tenants.access import Member
from tenants.cloning import TEMPLATE, clone_schema
from tenants.models import Tenant
from tenants.workspace.models import AuditEntry


def raw(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "act",
    [
        lambda: AuditEntry.objects.update(by_name="Somebody else"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.get(action="crew.created").save(),
        lambda: raw("UPDATE t_acme.workspace_auditentry SET action = 'crew.changed'"),
        lambda: raw("DELETE FROM t_acme.workspace_auditentry"),
        lambda: raw("TRUNCATE t_acme.workspace_auditentry"),
    ],
    ids=["update", "delete", "save", "raw update", "raw delete", "truncate"],
)
def test_an_entry_can_be_neither_changed_nor_deleted(
    act: Callable[[], object], in_acme: Tenant, alice_at_acme: Member
) -> None:
    audit.record("crew.created", None, by=alice_at_acme)
    before = list(AuditEntry.objects.order_by("id").values())
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
        act()
    assert list(AuditEntry.objects.order_by("id").values()) == before


def test_a_workspace_that_is_cloned_keeps_its_log_and_can_be_dropped(db: None) -> None:
    clone_schema(TEMPLATE, "t_copied")
    raw(
        "INSERT INTO t_copied.workspace_auditentry (id, created_at, updated_at, action, target_type, target_name, by_name, via, detail) "
        "VALUES (gen_random_uuid(), now(), now(), 'x', '', '', 'a', 'system', '{}')"
    )
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
        raw("DELETE FROM t_copied.workspace_auditentry")
    raw("DROP SCHEMA t_copied CASCADE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 't_copied'")
        assert cursor.fetchone() == (0,)
