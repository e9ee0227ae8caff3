"""Rows by a key, for the doors that are asked most.

Django puts the text of a statement together anew for every call, which takes longer than PostgreSQL needs to answer it. A `Lookup`
has it put together once per process. What it reads and what comes out is the query set's.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

from tenants import statements

M = TypeVar("M", bound=Model)
_MADE_UP = 0x6D616465_7570 << 64


class Lookup(Generic[M]):
    """`Lookup(Run.objects.select_related("project").filter, pk=UUID)`; then `.first(pk)` or `.all(pk)`.

    The keys are UUIDs or texts, given in the order in which they were named. `rows` is called once, with made-up ones.
    """

    def __init__(self, rows: Callable[..., QuerySet[M]], **keys: type[UUID | str]) -> None:
        self._rows, self._keys = rows, keys

    def all(self, *values: UUID | str) -> list[M]:
        compiler, sql, holes = self._compiled
        given = [values[hole] if type(hole) is int else hole[0] for hole in holes]
        mine: Any = copy.copy(compiler)
        mine.connection = connection
        mine.execute_sql = lambda *_, **__: [statements.fetch(sql, given)]
        query = SimpleNamespace(get_compiler=lambda **_: mine)
        asked: Any = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})
        return list(ModelIterable(asked))

    def first(self, *values: UUID | str) -> M | None:
        return next(iter(self.all(*values)), None)

    @cached_property
    def _compiled(self) -> tuple[Any, str, list[Any]]:
        """A compiler that has done its work, the statement, and for each parameter which value it takes, or its own in a list."""
        marks = [kind(str(UUID(int=_MADE_UP + n))) for n, kind in enumerate(self._keys.values())]
        found = self._rows(**dict(zip(self._keys, marks, strict=True)))
        compiler = found.query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql()
        return compiler, sql, [marks.index(given) if given in marks else [given] for given in parameters]
