"""Every request gets a number, and the time it took is counted under its route, never under its path."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

from tenants.requests import HOPS_HEADER, begin_request

HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DURATION = Histogram(
    "api_request_duration_seconds",
    "From reading a request's head to having its answer, by route.",
    ["method", "endpoint", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class TimingMiddleware:
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
        began, number = time.monotonic(), begin_request(request.headers.get(HOPS_HEADER, ""))
        return _told(request, self.get_response(request), began, number)

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        began, number = time.monotonic(), begin_request(request.headers.get(HOPS_HEADER, ""))
        return _told(request, await self.get_response(request), began, number)


def _told(request: HttpRequest, answer: HttpResponse, began: float, number: str) -> HttpResponse:
    method = request.method if request.method in METHODS else "other"
    DURATION.labels(method, endpoint_of(request), answer.status_code).observe(time.monotonic() - began)
    answer.headers[HEADER] = number
    return answer


def endpoint_of(request: HttpRequest) -> str:
    """The pattern that matched, with `w/<slug>/` before a workspace's own; static files and unknown addresses by a word."""
    match = request.resolver_match
    if match is None:
        return "unmatched"
    prefix = "w/<slug>/" if getattr(request, "urlconf", "") == "config.urls" else ""
    return f"/{prefix}{match.route}"
