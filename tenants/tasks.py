"""The base of every Celery task: it runs in the tenant that it was sent from, or not at all."""

from __future__ import annotations

from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

from tenants.context import PUBLIC, bind, bind_nowhere, bind_public, current_schema, release_connection
from tenants.resolving import resolve

HEADER = "tenant_schema"


class TenantMissing(RuntimeError):
    """A task was sent without a tenant, or for one that is gone or suspended."""


class TenantTask(Task[Any, Any]):
    """A task of one workspace. The platform's own tasks are of `PublicTask`."""

    abstract = True
    tenant = "required"

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        # Celery swallows what a task_prerun receiver raises, so the refusal is raised here.
        refusal = getattr(self.request, "tenant_refusal", None)
        if refusal:
            raise TenantMissing(refusal)


class PublicTask(TenantTask):
    """A task of the platform itself; it works in the public schema."""

    abstract = True
    tenant = "public"


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
        bind_public()
        return
    tenant = None if schema == PUBLIC else resolve(f"schema:{schema}")
    if tenant is None or not tenant.is_active:
        task.request.tenant_refusal = f"{task.name} needs an active tenant; it was sent for {schema!r}."
        bind_nowhere()
        return
    bind(tenant)


@task_postrun.connect(weak=False)
def _leave(task: Any = None, **_: Any) -> None:
    if not task.request.is_eager:
        bind_public()
        release_connection()
