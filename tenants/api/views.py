"""The two API doors: of the public site, and of a workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, TypeVar

import orjson
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import QueryDict
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from tenants.access import Member, Role, get_member
from tenants.api import bodies, limits, repeats
from tenants.api.pagination import Pages
from tenants.api.problems import field_errors
from tenants.errors import FieldError, Invalid, LengthRequired, NotFound, Stale
from tenants.models import User
from tenants.proving.keys import Proof
from tenants.wire.reading import reader
from tenants.wire.rendering import as_json
from tenants.wire.showing import show, show_all

M = TypeVar("M", bound=Model)
PAGE_PARAMETERS = frozenset({"cursor", "page_size", "format"})


class PublicView(APIView):
    """An API door: one form of answers, limits and errors. Subclasses say who may enter."""

    permission_classes = (AllowAny,)
    pagination_class = Pages
    takes_sign_in: ClassVar[bool] = False
    remembers_requests: ClassVar[bool] = False
    refuses: ClassVar[tuple[int, ...]] = ()  # statuses of refusals that only this door has, for the description

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except AuthenticationFailed:
            self._count(limits.take_for_address(request))
            raise
        self._count(limits.take_for(request))
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            raise LengthRequired("Send the body with a Content-Length; chunks are not read here.")
        self.admit(request)

    def _count(self, allowance: limits.Allowance) -> None:
        self.allowance = allowance
        limits.refuse_if_used_up(allowance)

    def admit(self, request: Request) -> None:
        """Let everybody in; a workspace is stricter."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs = args, kwargs
        request = self.initialize_request(request, *args, **kwargs)
        self.request, self.headers = request, self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            response = self.perform(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  (DRF's own contract: the handler re-raises what it does not know)
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def perform(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        method = (request.method or "").lower()
        handler: Callable[..., Response] | None = (
            getattr(self, method, None) if method in self.http_method_names else None
        )
        if handler is None:
            raise MethodNotAllowed(request.method or "")
        if method in {"put", "patch", "delete"}:
            with transaction.atomic():
                return handler(request, *args, **kwargs)
        return handler(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if hasattr(self, "allowance"):
            for name, value in self.allowance.headers().items():
                response[name] = value
        response.setdefault("Cache-Control", "private, no-store")
        return response

    def read(self, serializer: type[Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The validated body; a wrong one raises with every field named."""
        if not isinstance(self.request.data, Mapping):
            raise Invalid("Send a JSON object.")
        data: Mapping[str, Any] = self.request.data
        with reader(serializer, partial=partial, view=self) as found:
            errors = [*bodies.unknown_fields(found.fields, data)]
            if not isinstance(data, QueryDict):  # a form has only texts
                errors += bodies.wrong_types(found.fields, data)
            try:
                values = found.run_validation(data)
            except ValidationError as error:
                named = {known.field for known in errors}
                errors += [each for each in field_errors(error.detail) if each.field not in named]
        if errors:
            raise Invalid("Some fields are not right; each is named in errors.", errors=errors)
        return dict(values)

    def filters(self, allowed: Collection[str]) -> dict[str, str]:
        """The query parameters that are filters; an unknown one is refused, not ignored."""
        given = {k: str(v) for k, v in self.request.query_params.items() if k not in PAGE_PARAMETERS}
        unknown = set(given) - set(allowed)
        if unknown:
            raise Invalid(
                f"Known filters: {', '.join(sorted(allowed)) or 'none'}.",
                errors=[_unknown(name) for name in sorted(unknown)],
            )
        if any("\x00" in value for value in given.values()):
            raise Invalid("A filter holds a NUL character.")
        return given

    def page(
        self, rows: QuerySet[M], out: type[BaseSerializer[Any]], *, ordering: tuple[str, ...] | None = None
    ) -> Response:
        """One page of `rows`, newest first unless `ordering` says otherwise."""
        pages = Pages()
        if ordering:
            pages.ordering = ordering  # type: ignore[assignment]
        found = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(show_all(out, found or (), view=self))

    def answer(self, thing: Any, out: type[BaseSerializer[Any]], status: int = 200) -> Response:
        """One thing, with its ETag."""
        data = show(out, thing, view=self)
        response = Response(data, status=status)
        response["ETag"] = etag(data)
        return response

    def check_match(self, thing: M, out: type[BaseSerializer[Any]]) -> M:
        """Lock the row, and refuse when the caller's If-Match is of an older one."""
        locked = type(thing)._base_manager.select_for_update().filter(pk=thing.pk).first()
        if locked is None:
            raise NotFound("It was deleted a moment ago.")
        wanted = self.request.headers.get("If-Match", "*")
        if wanted != "*" and etag(show(out, locked, view=self)) not in {t.strip() for t in wanted.split(",")}:
            raise Stale("It was changed since you read it. Read it again, then repeat your change.")
        return locked


class SignedInView(PublicView):
    """A public door for somebody with an account. `self.user` is who asks."""

    takes_sign_in = True
    user: User

    def admit(self, request: Request) -> None:
        if not isinstance(request.user, User):
            raise NotAuthenticated("Sign in: send Authorization: Bearer with an access token.")
        self.user = request.user


class WorkspaceView(PublicView):
    """A door of a workspace. `self.member` is who asks; a stranger gets 404, whatever the address."""

    takes_sign_in = True
    remembers_requests = True
    shown_once: ClassVar[tuple[str, ...]] = ()  # fields of an answer that are never kept, such as a new key
    member: Member

    def admit(self, request: Request) -> None:
        if not request.user.is_authenticated:
            raise NotAuthenticated("Sign in: send Authorization: Bearer with an access token or an API key.")
        proof: Proof = request.auth  # type: ignore[assignment]
        tenant = request._request.tenant  # type: ignore[attr-defined]
        cap, address = Role(proof.cap) if proof.cap else None, str(limits.origin_of(request.META) or "")
        self.member = get_member(request.user, tenant, via=proof.via, cap=cap, address=address, known=proof.role)

    def perform(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if request.method == "POST" and repeats.HEADER in request.headers:
            return repeats.once(
                request, self.member, lambda: self._acted(request, *args, **kwargs), shown_once=self.shown_once
            )
        return super().perform(request, *args, **kwargs)

    def _acted(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The handler's answer, refusals included, so that a refusal is remembered as well."""
        try:
            return super().perform(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  (the handler re-raises what it does not know)
            return self.handle_exception(error)


def etag(data: Any) -> str:
    digest = hashlib.sha256(orjson.dumps(as_json(data), option=orjson.OPT_SORT_KEYS))
    return f'"{digest.hexdigest()[:32]}"'


def _unknown(name: str) -> FieldError:
    return FieldError(name, "unknown", "This is not known here; remove it.")
