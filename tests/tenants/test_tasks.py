"""A Celery task runs in the tenant that it was sent from, or not at all. A real worker, a real broker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_failure

from config.celery import app
from tenants.context import current_schema, enter
from tenants.models import Tenant
from tenants.tasks import HEADER, PublicTask

QUEUE = "test-tenant-tasks"
seen: list[str] = []
failed: list[str] = []
told = threading.Event()


@app.task(name="tests.note_schema")
def note_schema() -> None:
    seen.append(current_schema())
    told.set()


@app.task(base=PublicTask, name="tests.note_public")
def note_public() -> None:
    seen.append(current_schema())
    told.set()


@pytest.fixture
def worker(fresh_db: None) -> Iterator[None]:
    seen.clear()
    failed.clear()
    told.clear()

    def note(exception: Exception, **_: object) -> None:
        failed.append(f"{type(exception).__name__}: {exception}")
        told.set()

    task_failure.connect(note)
    with start_worker(
        app, queues=[QUEUE], pool="threads", concurrency=2, perform_ping_check=False, loglevel="CRITICAL"
    ):
        yield
    task_failure.disconnect(note)


def test_it_runs_where_it_was_sent_from(worker: None) -> None:
    with enter("t_globex"):
        note_schema.apply_async(queue=QUEUE)
    assert told.wait(120)
    assert (seen, failed) == (["t_globex"], [])


@pytest.mark.parametrize("schema", ["public", "t_nobody", "template_tenant", "pg_catalog"])
def test_without_a_tenant_it_does_not_run(worker: None, schema: str) -> None:
    note_schema.apply_async(queue=QUEUE, headers={HEADER: schema})
    assert told.wait(120)
    assert seen == []
    assert failed == [f"TenantMissing: tests.note_schema needs an active tenant; it was sent for {schema!r}."]


def test_for_a_suspended_workspace_it_does_not_run(worker: None) -> None:
    Tenant.objects.filter(slug="acme").update(status="suspended")
    note_schema.apply_async(queue=QUEUE, headers={HEADER: "t_acme"})
    assert told.wait(120)
    assert seen == []


def test_the_platform_s_own_task_runs_in_public(worker: None) -> None:
    with enter("t_acme"):
        note_public.apply_async(queue=QUEUE)
    assert told.wait(120)
    assert (seen, failed) == (["public"], [])
