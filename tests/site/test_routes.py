"""Addresses are found by their first part just as when every pattern is tried in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver, include, path, re_path

from config.routes import _ByFirstPart, by_first_part

SAMPLES = {"uuid": str(UUID(int=7)), "int": "3", "slug": "some-name", "str": "word", "path": "a/b", "": "word"}
HOLE = re.compile(r"<(?:(\w+):)?\w+>")


def _paths(routes: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for route in routes:
        text = before + HOLE.sub(lambda hole: SAMPLES.get(hole[1] or "", "word"), str(route.pattern)).strip("^$")
        if isinstance(route, URLResolver):
            yield from _paths(route.url_patterns, text)
        else:
            yield text


def _found(resolver: URLResolver, path: str, *, in_turn: bool) -> tuple[object, ...]:
    try:
        match: ResolverMatch = (URLResolver if in_turn else _ByFirstPart).resolve(resolver, path)  # type: ignore[arg-type]
    except Resolver404:
        return ("nothing",)
    return match.func, match.args, match.kwargs, match.view_name, match.route


@pytest.mark.parametrize("urlconf", ["config.urls", "config.urls_public"])
def test_every_address_is_found_as_before(urlconf: str) -> None:
    (resolver,) = get_resolver(urlconf).url_patterns
    assert isinstance(resolver, URLResolver)
    paths = [*_paths(resolver.url_patterns), "", "nowhere/", "api/v1/nowhere/", "api/v1/runs", "runs//", "é/"]
    found = [_found(resolver, path, in_turn=False) for path in paths]
    assert found == [_found(resolver, path, in_turn=True) for path in paths]
    assert len({*map(str, found)}) > 80


def _view(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()


def test_a_first_part_that_is_not_written_out_is_tried_for_every_path() -> None:
    routes: list[URLPattern | URLResolver] = [
        path("<slug:name>/", _view),
        re_path(r"^x/(\d)/$", _view),
        path("api-", include([path("v1/", _view)])),
    ]
    (resolver,) = by_first_part(routes)
    assert isinstance(resolver, URLResolver)
    paths = ["some-name/", "x/7/", "api-v1/", "api-v2/", "x/y/"]
    found = [_found(resolver, path, in_turn=False) for path in paths]
    assert found == [_found(resolver, path, in_turn=True) for path in paths]
    assert [each != ("nothing",) for each in found] == [True, True, True, True, False]
