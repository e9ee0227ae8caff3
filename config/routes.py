"""Addresses by their first part. Django tries every pattern in turn, and notes each that did not match: of our hundreds, that took longer than signing in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import ResolverMatch, RoutePattern

Route = URLPattern | URLResolver


def by_first_part(routes: Sequence[Route]) -> list[Route]:
    """The same routes in the same order, of which only those are tried that can match a path's first part."""
    return [_ByFirstPart(RoutePattern("", is_endpoint=False), list(routes))]


class _ByFirstPart(URLResolver):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of_part: dict[str, URLResolver] = {}

    def resolve(self, path: str) -> ResolverMatch:
        part = str(path).partition("/")[0]
        return (self._of_part.get(part) or self._narrowed(part)).resolve(path)

    def _narrowed(self, part: str) -> URLResolver:
        """Kept for parts that are named in a route: what strangers make up is tried against the few others."""
        narrowed = URLResolver(self.pattern, list(_matching(self.url_patterns, part)))
        if part in set(_parts(self.url_patterns)):
            self._of_part[part] = narrowed
        return narrowed


def _parts(routes: Sequence[Route]) -> Iterator[str | None]:
    for route in routes:
        if _passes_on(route):
            yield from _parts(route.url_patterns)
        else:
            yield _first_part(route)


def _matching(routes: Sequence[Route], part: str) -> Iterator[Route]:
    for route in routes:
        if _passes_on(route):
            inner = list(_matching(route.url_patterns, part))
            if inner:
                yield URLResolver(route.pattern, inner, route.default_kwargs, route.app_name, route.namespace)
        elif _first_part(route) in {part, None}:
            yield route


def _passes_on(route: Route) -> TypeGuard[URLResolver]:
    """Whether it is an `include` that takes nothing off the path."""
    return isinstance(route, URLResolver) and isinstance(route.pattern, RoutePattern) and str(route.pattern) == ""


def _first_part(route: Route) -> str | None:
    """What the path must have before its first slash; None where that is not written out."""
    if not isinstance(route.pattern, RoutePattern):
        return None
    part, slash, _ = str(route.pattern).partition("/")
    is_whole = bool(slash) or isinstance(route, URLPattern)
    return part if is_whole and "<" not in part else None
