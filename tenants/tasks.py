"""The base of every Celery task: it runs in the tenant that it was sent from, or not at all."""

from __future__ import annotations

from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.db import connection

from tenants.context import PUBLIC, current_schema
from tenants.resolving import resolve

HEADER = "tenant_schema"
NOWHERE = "no_tenant_at_all"  # a schema that does not exist: a task that slips through reads nothing


class TenantMissing(RuntimeError):
    """A task was sent without a tenant, or for one that is gone or suspended."""


class TenantTask(Task):  # type: ignore[misc]
    """`tenant = "required"` (the default) or, for the platform's own work, `tenant = "public"`."""

    abstract = True
    tenant = "required"

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        # Celery swallows what a task_prerun receiver raises, so the refusal is raised here.
        refusal = getattr(self.request, "tenant_refusal", None)
        if refusal:
            raise TenantMissing(refusal)


@before_task_publish.connect(weak=False)
def _stamp(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and not headers.get(HEADER):
        headers[HEADER] = current_schema()


@task_prerun.connect(weak=False)
def _enter(task: Any = None, **_: Any) -> None:
    if task.request.is_eager:
        return
    schema = getattr(task.request, HEADER, None) or (task.request.headers or {}).get(HEADER) or PUBLIC
    if getattr(task, "tenant", "required") == "public":
        connection.set_schema_to_public()
        return
    tenant = None if schema == PUBLIC else resolve(f"schema:{schema}")
    if tenant is None or not tenant.is_active:
        task.request.tenant_refusal = f"{task.name} needs an active tenant; it was sent for {schema!r}."
        connection.set_schema(NOWHERE, include_public=False)
        return
    connection.set_tenant(tenant)


@task_postrun.connect(weak=False)
def _leave(task: Any = None, **_: Any) -> None:
    if not task.request.is_eager:
        connection.set_schema_to_public()
        connection.close()
