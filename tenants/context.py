"""Which tenant's schema the database calls of this moment read and write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context

if TYPE_CHECKING:
    from tenants.models import Tenant

P = ParamSpec("P")
T = TypeVar("T")

_tenancy: Any = connection  # what our backend adds, Django's types do not know
PUBLIC = get_public_schema_name()
_socket_threads = ThreadPoolExecutor(max_workers=settings.SOCKET_DATABASE_THREADS, thread_name_prefix="socket-db")


@contextmanager
def enter(schema: str) -> Iterator[None]:
    """Work in `schema` until the block ends, then in the schema before it."""
    with schema_context(schema):
        yield


def current_schema() -> str:
    return str(_tenancy.schema_name)


def bind(tenant: Tenant) -> None:
    """From here on, this context's database calls read and write the tenant's schema. For doors; others `enter`."""
    _tenancy.set_tenant(tenant)


def bind_public() -> None:
    _tenancy.set_schema_to_public()


def bind_nowhere() -> None:
    """From here on nothing can be read: the schema does not exist, and public is not behind it."""
    _tenancy.set_schema("no_tenant_at_all", include_public=False)


async def in_tenant(schema: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a database call of a consumer in `schema`, on a bounded pool of threads.

    Channels runs all sockets of a process on one thread, so the tenant is entered inside every single call.
    """

    def work() -> T:
        try:
            with enter(schema):
                return call(*args, **kwargs)
        finally:
            release_connection()

    return await sync_to_async(work, thread_sensitive=False, executor=_socket_threads)()


def release_connection() -> None:
    """Give the connection back to the pool. Call it before every wait for something outside."""
    if not connection.in_atomic_block:
        connection.close()
