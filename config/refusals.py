"""Answers where no view was reached, or one broke: a page for people, a problem for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from tenants.middleware import refusal


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(
        request, 404, "not_found", "Not found", "There is nothing at this address. Check it, or go back to the start."
    )


def broken(request: HttpRequest) -> HttpResponse:
    detail = "Something went wrong on our side. It has been logged; try again, and tell the operator if it stays."
    return refusal(request, 500, "broken", "Something went wrong", detail)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if "/api/" not in request.path:
        return defaults.bad_request(request, exception)
    return refusal(request, 400, "bad_request", "Bad request", "This request is not in order, so it was not looked at.")
