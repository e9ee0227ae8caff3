"""Answers where no view was reached, or one broke: a page for people, a problem for programs."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from tenants.api.problems import AGAIN_IN, problem
from tenants.middleware import refusal


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(
        request, 404, "not_found", "Not found", "There is nothing at this address. Check it, or go back to the start."
    )


def broken(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _without_database(request)
    detail = "Something went wrong on our side. It has been logged; try again, and tell the operator if it stays."
    return refusal(request, 500, "broken", "Something went wrong", detail)


def _without_database(request: HttpRequest) -> HttpResponse:
    """A page without its frame's person and workspace: those are in the database."""
    title, detail = "Not available right now", "The database does not answer at the moment. Try again in some seconds."
    if "/api/" in request.path:
        answer = problem(503, "unavailable", title, detail)
    else:
        answer = HttpResponse(
            render_to_string("refused.html", {"status": 503, "title": title, "detail": detail}), status=503
        )
    answer["Retry-After"] = str(AGAIN_IN)
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if "/api/" not in request.path:
        return defaults.bad_request(request, exception)
    return refusal(request, 400, "bad_request", "Bad request", "This request is not in order, so it was not looked at.")
