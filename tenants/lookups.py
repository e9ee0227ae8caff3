"""Rows by a key, for the doors that are asked most.

Django puts the text of a statement together anew for every call, which takes longer than PostgreSQL needs to answer it. A `Lookup`
has it put together once per process. What it reads and what comes out is the query set's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

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
        sql, holes, made = self._compiled
        given = [values[hole] if type(hole) is int else hole[0] for hole in holes]
        return made(statements.fetch(sql, given))

    def first(self, *values: UUID | str) -> M | None:
        return next(iter(self.all(*values)), None)

    @cached_property
    def _compiled(self) -> tuple[str, list[Any], _Making[M]]:
        """The statement; for each parameter which value it takes, or its own in a list; and what makes objects of rows."""
        marks = [kind(str(UUID(int=_MADE_UP + n))) for n, kind in enumerate(self._keys.values())]
        found = self._rows(**dict(zip(self._keys, marks, strict=True)))
        compiler = found.query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql()
        holes = [marks.index(given) if given in marks else [given] for given in parameters]
        return sql, holes, _Making(compiler)


class _Making(Generic[M]):
    """Objects of rows, as Django's `ModelIterable` makes them; it finds out how to for every query, here a compiler is asked once."""

    def __init__(self, compiler: Any) -> None:
        select, told = compiler.select, compiler.klass_info
        self._alias = compiler.using
        self._model: type[M] = told["model"]
        self._own = slice(told["select_fields"][0], told["select_fields"][-1] + 1)
        self._names = [chosen[0].target.attname for chosen in select[self._own]]
        self._related = get_related_populators(told, select, self._alias)  # type: ignore[call-arg]  # of Django 6
        self._further = list((compiler.annotation_col_map or {}).items())
        converters = compiler.get_converters([chosen[0] for chosen in select[: compiler.col_count]])
        self._converters = [(column, by, of) for column, (several, of) in converters.items() for by in several]

    def __call__(self, rows: Sequence[tuple[Any, ...]]) -> list[M]:
        return [self._made(row) for row in self._converted(rows)]

    def _converted(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[list[Any]]:
        database = connections[self._alias]
        for row in map(list, rows):
            for column, by, of in self._converters:
                row[column] = by(row[column], of, database)
            yield row

    def _made(self, row: list[Any]) -> M:
        made = self._model.from_db(self._alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        for name, column in self._further:
            setattr(made, name, row[column])
        return made
