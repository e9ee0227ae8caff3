"""Every request finds its workspace here: own host name first, then /w/<slug>/, else the public site."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.urls import set_script_prefix, set_urlconf

from tenants.addresses import PREFIX
from tenants.api.problems import problem
from tenants.context import bind, bind_public
from tenants.errors import DomainError, RateLimited
from tenants.models import Tenant
from tenants.resolving import remembered, resolve


class Place(NamedTuple):
    """One reading of an address: the key to look up, what to add to SCRIPT_NAME, what is left of the path."""

    key: str
    prefix: str
    path: str


class WorkspaceMiddleware:
    """Bind the request to a workspace or to the public site, and its database calls to that schema.

    A workspace that does not exist gets the workspace's urlconf without a tenant: its gates then answer a stranger
    as they do for a workspace that is not theirs.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self.is_async:
            return self._answer_async(request)
        for place in _places(request):
            tenant = resolve(place.key)
            if tenant is not None:
                return self.get_response(_bind(request, tenant, place))  # type: ignore[no-any-return]
        return self.get_response(_bind_without_tenant(request))  # type: ignore[no-any-return]

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        for place in _places(request):
            known = remembered(place.key)
            tenant = known.tenant if known else await sync_to_async(resolve)(place.key)
            if tenant is not None:
                return await self.get_response(_bind(request, tenant, place))  # type: ignore[no-any-return]
        return await self.get_response(_bind_without_tenant(request))  # type: ignore[no-any-return]


def _places(request: HttpRequest) -> Iterator[Place]:
    host, _ = split_domain_port(request.get_host())
    yield Place(f"host:{host}", "", request.path_info)
    if request.path_info.startswith(PREFIX):
        yield _by_slug(request)


def _by_slug(request: HttpRequest) -> Place:
    slug, _, rest = request.path_info[len(PREFIX) :].partition("/")
    return Place(f"slug:{slug}", PREFIX + slug, "/" + rest)


def _bind(request: HttpRequest, tenant: Tenant, place: Place) -> HttpRequest:
    request.tenant = copy.copy(tenant)  # type: ignore[attr-defined]
    bind(tenant)
    return _route(request, settings.ROOT_URLCONF, place)


def _bind_without_tenant(request: HttpRequest) -> HttpRequest:
    request.tenant = None  # type: ignore[attr-defined]
    bind_public()
    if request.path_info.startswith(PREFIX):
        return _route(request, settings.ROOT_URLCONF, _by_slug(request))
    return _route(request, settings.PUBLIC_SCHEMA_URLCONF, Place("", "", request.path_info))


def _route(request: HttpRequest, urlconf: str, place: Place) -> HttpRequest:
    if place.prefix:
        request.META["SCRIPT_NAME"] = request.META.get("SCRIPT_NAME", "") + place.prefix
        request.path_info = place.path
    set_script_prefix(request.META.get("SCRIPT_NAME", "") + "/")
    request.urlconf = urlconf
    set_urlconf(urlconf)
    return request


class RefusalMiddleware:
    """Turn a refusal that a page's service raised into a page that says what to do."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        answer = refusal(request, error.status, error.code, error.title, error.detail, errors=error.errors)
        if isinstance(error, RateLimited):
            answer["Retry-After"] = str(error.retry_after)
        return answer


def refusal(request: HttpRequest, status: int, code: str, title: str, detail: str, **more: Any) -> HttpResponse:
    """A refusal as JSON for a program (paths under api/), as a page for a person."""
    if "/api/" in request.path:
        return problem(status, code, title, detail, errors=more.get("errors", ()))
    return render(request, "refused.html", {"status": status, "title": title, "detail": detail, **more}, status=status)
