"""The django-tenants backend, with the tenant in a context variable instead of on the connection.

A context variable follows asyncio tasks, `sync_to_async` and consumers; the stock backend keeps the tenant on the
thread's connection, where concurrent requests read each other's. A thread without the context sees only the public
schema, so a mistake becomes "relation does not exist", never another tenant's rows.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db.backends.base.base import NO_DB_ALIAS
from django_tenants.postgresql_backend import base as stock
from django_tenants.utils import get_public_schema_name, quote_schema_name
from psycopg_pool import ConnectionPool

from tenants.database.pooled import still_there


class _Current(NamedTuple):
    tenant: Any
    schema: str
    include_public: bool


_current: ContextVar[_Current | None] = ContextVar("current_tenant", default=None)


def _now() -> _Current:
    current = _current.get()
    if current is None:
        public = get_public_schema_name()
        current = _Current(stock.FakeTenant(schema_name=public), public, include_public=True)
    return current


def _ignore(_wrapper: DatabaseWrapper, _value: object) -> None:
    """The stock constructor assigns these; the context variable alone decides."""


class DatabaseWrapper(stock.DatabaseWrapper):
    _booting = True
    _setting_search_path: bool
    search_path_set_schemas: list[str] | None

    tenant = property(lambda _: _now().tenant, _ignore)
    schema_name = property(lambda _: _now().schema, _ignore)
    include_public_schema = property(lambda _: _now().include_public, _ignore)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._booting = False

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:  # noqa: FBT001, FBT002  (stock signature)
        if self._booting:  # the stock constructor resets to public, which would change the running context
            return
        _current.set(_Current(tenant, tenant.schema_name, include_public))

    @property
    def pool(self) -> ConnectionPool | None:
        """Django's own, but for the check of a connection that is taken out: its check is a round trip of its own each time."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        known: ConnectionPool | None = self._connection_pools.get(self.alias)
        if known is None:
            known = self._connection_pools.setdefault(self.alias, self._new_pool(options))
        return known

    def _new_pool(self, options: dict[str, Any]) -> ConnectionPool:
        parameters = {**self.get_connection_params(), "autocommit": True}
        return ConnectionPool(
            kwargs=parameters, open=False, configure=self._configure_connection, check=still_there, **options
        )

    def be_at_hand(self) -> None:
        """Connect where that is due, and name the schema of this moment, as a cursor of Django's does: for statements that need none."""
        self.validate_no_broken_transaction()
        self.validate_thread_sharing()
        self.close_if_health_check_failed()
        self.ensure_connection()
        self._handle_search_path()

    def set_settings_schema(self, schema_name: str) -> None:
        """Do nothing: the settings dict is shared by all threads."""

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path:
            return
        wanted = self._get_cursor_search_paths()
        if self.search_path_set_schemas == wanted:
            return
        if self._reported_search_path() == ", ".join(wanted):
            self.search_path_set_schemas = wanted
            return
        self._setting_search_path = True
        try:
            self._set_search_path(wanted, cursor)
        finally:
            self._setting_search_path = False

    def _reported_search_path(self) -> str:
        """What the server says of this very connection, which may come from the pool with the right one. Before PostgreSQL 18 it says nothing."""
        told = self.connection.pgconn.parameter_status(b"search_path")
        return told.decode() if told else ""

    def _set_search_path(self, wanted: list[str], cursor: Any) -> None:
        own = self.connection.cursor() if cursor is None else cursor
        try:
            own.execute("SET search_path = " + ",".join(quote_schema_name(name) for name in wanted))
            self.search_path_set_schemas = wanted
        except (stock.DatabaseError, stock.psycopg.Error):
            # An aborted transaction accepts nothing before its rollback; the next statement fails by itself.
            self.search_path_set_schemas = None
        finally:
            if cursor is None:
                own.close()
