"""Errors as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from psycopg.errors import LockNotAvailable
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tenants.errors import DomainError, FieldError, RateLimited, Unavailable
from tenants.proving.keys import REALM

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
AGAIN_IN = 5  # seconds, after which what was away may be back


def body(status: int, code: str, title: str, detail: str, errors: Iterable[FieldError] = ()) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    listed = [{"field": e.field, "code": e.code, "detail": e.detail} for e in errors]
    if listed:
        content["errors"] = listed
    return content


def problem(status: int, code: str, title: str, detail: str, errors: Iterable[FieldError] = ()) -> HttpResponse:
    """A problem from outside the API views, such as an address that does not exist."""
    return JsonResponse(body(status, code, title, detail, errors), status=status, content_type=MEDIA_TYPE)


def answer_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """The API's one exception handler; None lets a bug surface as a 500."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    response = Response(body(known.status, known.code, known.title, known.detail, known.errors), status=known.status)
    response.content_type = MEDIA_TYPE
    if isinstance(known, RateLimited):
        response["Retry-After"] = str(known.retry_after)
    if isinstance(known, Unavailable):
        response["Retry-After"] = str(AGAIN_IN)
    if known.status == 401:
        response["WWW-Authenticate"] = REALM
    return response


def _known(error: Exception) -> DomainError | None:
    match error:
        case DomainError():
            known: DomainError | None = error
        case Http404():
            known = _made(404, "not_found", "There is nothing at this address.")
        case PermissionDenied():
            known = _made(403, "forbidden", str(error) or "You may not do this.")
        case OperationalError() | InterfaceError():
            known = _of_database(error)
        case RequestDataTooBig():
            known = _made(413, "too_large", "The body is larger than 2.5 MB; send less at a time.")
        case exceptions.ValidationError():
            known = _made(400, "invalid", "Some fields are not right; each is named in errors.")
            known.errors = tuple(field_errors(error.detail))
        case exceptions.APIException():
            known = _made(error.status_code, str(error.get_codes()), str(error.detail))
        case _:
            known = None
    return known


def _of_database(error: OperationalError | InterfaceError) -> DomainError:
    if isinstance(error.__cause__, LockNotAvailable):
        return _made(409, "busy", "Somebody else is changing this at the moment. Try again.")
    log.error("The database did not answer", exc_info=error)
    return Unavailable("The database does not answer at the moment. Try again in some seconds.")


def _made(status: int, code: str, detail: str) -> DomainError:
    error = DomainError(detail, code=code)
    error.status = status
    error.title = HTTPStatus(status).phrase
    return error


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Flatten a serializer's errors; nested fields are named `agents[0].role`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from field_errors(inner, _within(path, name))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        yield from _listed(detail, path)
    else:
        yield FieldError(path, getattr(detail, "code", "invalid"), str(detail))


def _within(path: str, name: str | int) -> str:
    """DRF numbers what stands in a list, and calls what belongs to no field `non_field_errors`."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    return path if name == "non_field_errors" else f"{path}.{name}".strip(".")


def _listed(detail: Sequence[Any], path: str) -> Iterator[FieldError]:
    for position, inner in enumerate(detail):
        yield from field_errors(inner, f"{path}[{position}]" if isinstance(inner, dict) else path)
