"""Which tenant's schema the database calls of this moment read and write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection
from django_tenants.utils import get_public_schema_name, schema_context

P = ParamSpec("P")
T = TypeVar("T")

PUBLIC = get_public_schema_name()
_socket_threads = ThreadPoolExecutor(max_workers=settings.SOCKET_DATABASE_THREADS, thread_name_prefix="socket-db")


@contextmanager
def enter(schema: str) -> Iterator[None]:
    """Work in `schema` until the block ends, then in the schema before it."""
    with schema_context(schema):
        yield


def current_schema() -> str:
    return str(connection.schema_name)


async def in_tenant(schema: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a database call of a consumer in `schema`, on a bounded pool of threads.

    Channels runs all sockets of a process on one thread, so the tenant is entered inside every single call.
    """

    def work() -> T:
        close_old_connections()
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
