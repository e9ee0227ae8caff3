"""What the code does not say by itself in the API's description: proofs, refusals and headers."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from tenants.api.problems import MEDIA_TYPE
from tenants.api.repeats import HEADER, LONGEST

TEXT = {"type": "string"}
COUNT = {"type": "integer"}
PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is for programs, `detail` for people.",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": COUNT,
        "detail": TEXT,
        "code": TEXT,
        "errors": {
            "type": "array",
            "description": "Which fields are not right, where the refusal is about fields.",
            "items": {
                "type": "object",
                "properties": {"field": TEXT, "code": TEXT, "detail": TEXT},
                "required": ["field", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}
HEADERS = {
    "RateLimit-Limit": ("Requests that you may make in a minute.", COUNT),
    "RateLimit-Remaining": ("Requests left in this minute.", COUNT),
    "RateLimit-Reset": ("Seconds until the next minute begins.", COUNT),
    "ETag": ("Send it back as If-Match, to change only what you have seen.", TEXT),
    "Retry-After": ("Seconds to wait.", COUNT),
    "WWW-Authenticate": ("How to sign in.", TEXT),
    "Idempotency-Replayed": ("Present when this is the answer of an earlier request with the same key.", TEXT),
}
EVERYWHERE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
WITH_REFUSAL = {429: ("Retry-After",), 401: ("WWW-Authenticate",)}
REPEAT = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST},
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours with the same key, this request does nothing twice and is answered alike.",
)
MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that you have; if it is of an older state, 412."
)


class Schema(AutoSchema):
    """Views describe their own bodies; this adds what all of them share."""

    def get_auth(self) -> list[dict[str, Any]]:
        """As found, without "or nobody" where the view lets nobody in unknown."""
        return [proof for proof in super().get_auth() if proof or not self._takes_sign_in()]

    def get_override_parameters(self) -> list[Any]:
        parameters = [*super().get_override_parameters()]
        if self._is_repeatable():
            parameters.append(REPEAT)
        if self._is_guarded():
            parameters.append(MATCH)
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        responses = operation["responses"]
        for status, response in responses.items():
            response["headers"] = {name: self._header(name) for name in self._headers(status)}
        for status in set(self._refusals(operation)):
            responses.setdefault(str(status), self._problem(status))
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _takes_sign_in(self) -> bool:
        return bool(getattr(self.view, "takes_sign_in", False))

    def _is_repeatable(self) -> bool:
        return self.method == "POST" and bool(getattr(self.view, "remembers_requests", False))

    def _is_guarded(self) -> bool:
        """What can be edited has an ETag, and its changes honour If-Match."""
        return hasattr(self.view, "patch") and self.method in {"PATCH", "PUT", "DELETE"}

    def _refusals(self, operation: dict[str, Any]) -> Iterator[int]:
        yield from (400, 406, 429)
        yield from getattr(self.view, "refuses", ())
        if self.view.get_authenticators():
            yield from (401, 403)
        if self._takes_sign_in() or "{" in self.path:
            yield 404
        if "requestBody" in operation:
            yield from (413, 415)
        if self.method != "GET":
            yield 409
        if self._is_guarded():
            yield 412
        if self._is_repeatable():
            yield 422

    def _problem(self, status: int) -> dict[str, str]:
        phrase = HTTPStatus(status).phrase
        names = (*EVERYWHERE, *WITH_REFUSAL.get(status, ()))
        schema = self._named("Problem", ResolvedComponent.SCHEMA, PROBLEM)
        response = {
            "description": phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
            "headers": {name: self._header(name) for name in names},
        }
        return self._named(phrase.replace(" ", ""), ResolvedComponent.RESPONSE, response)

    def _headers(self, status: str) -> Iterator[str]:
        yield from EVERYWHERE
        if status in {"200", "201"} and hasattr(self.view, "patch"):
            yield "ETag"
        if self._is_repeatable():
            yield "Idempotency-Replayed"

    def _header(self, name: str) -> dict[str, Any]:
        description, schema = HEADERS[name]
        return self._named(name, ResolvedComponent.HEADER, {"description": description, "schema": schema})

    def _named(self, name: str, kind: str, content: dict[str, Any]) -> dict[str, str]:
        """Keep `content` once under components, and point to it."""
        component = ResolvedComponent(name, kind, schema=content, object=name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return component.ref


def refuse_unknown_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every JSON body that unknown fields are refused, as `PublicView.read` does."""
    schemas = result.get("components", {}).get("schemas", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if name in schemas:
                schemas[name]["additionalProperties"] = False
    return result


class AccessTokenProof(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.proving.tokens.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "From `POST /api/v1/auth/token/`; good for five minutes.",
        }


class ApiKeyProof(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.proving.keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]] | None:  # type: ignore[override]
        """A key belongs to a workspace; the public API does not take it."""
        return {self.name: []} if getattr(auto_schema.view, "remembers_requests", False) else None

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "gh_…",
            "description": "A key of the workspace, from `POST api-keys/`.",
        }


class SessionProof(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.proving.keys.CookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The site's own session; changes also carry `X-CSRFToken`.",
        }
