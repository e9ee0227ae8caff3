"""Sockets: which workspace, from where, who."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http.request import split_domain_port, validate_host
from django.urls import path, re_path

from projects.consumers import LiveConsumer
from projects.realtime import tickets
from tenants.addresses import PREFIX
from tenants.context import PUBLIC, in_tenant
from tenants.models import Tenant, User
from tenants.proving.sockets import user_of_session_key, user_of_token
from tenants.resolving import resolve

App = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]
Prove = Callable[[], Awaitable[User | None]]
PROTOCOL = "guildhall.v1"


class WorkspaceSocket:
    """Find the workspace as the HTTP middleware does; refuse sockets that another site's page opens."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin1")
        if not _same_origin(headers, host):
            return await send({"type": "websocket.close", "code": 4403})
        domain, _ = split_domain_port(host)
        tenant, rest = await sync_to_async(resolve)(f"host:{domain}"), scope["path"]
        if tenant is None and rest.startswith(PREFIX):
            slug, _, rest = rest[len(PREFIX) :].partition("/")
            tenant = await sync_to_async(resolve)(f"slug:{slug}")
        return await self.app({**scope, "tenant": tenant, "path_remaining": "/" + rest.lstrip("/")}, receive, send)


def _same_origin(headers: dict[bytes, bytes], host: str) -> bool:
    """A browser always sends Origin and it must be this very host; programs send none and show a ticket or a token."""
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin.decode("latin1")).netloc == host


class SignIn:
    """Session cookie (a browser: with its Origin), `?ticket=`, or the subprotocols `bearer, <access token>`."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        tenant: Tenant | None = scope["tenant"]
        protocol, prove = await self._proof(scope, tenant) if tenant else (None, _nobody)
        more = {"user": await prove() or AnonymousUser(), "accepted_protocol": protocol, "prove_again": prove}
        return await self.app({**scope, **more}, receive, send)

    async def _proof(self, scope: dict[str, Any], tenant: Tenant) -> tuple[str | None, Prove]:
        """The accepted subprotocol, and how to find out, now and later, whose socket this is."""
        ticket = parse_qs(scope.get("query_string", b"").decode("latin1")).get("ticket")
        offered = list(scope.get("subprotocols") or [])
        if ticket:
            user_id = await in_tenant(PUBLIC, tickets.redeem, ticket[0], tenant.schema_name)
            return None, partial(in_tenant, PUBLIC, _active_user, user_id)
        if offered[:1] == ["bearer"] and len(offered) > 1:
            return "bearer", partial(in_tenant, tenant.schema_name, user_of_token, offered[1], tenant)
        if b"origin" in dict(scope["headers"]):
            return None, partial(in_tenant, PUBLIC, user_of_session_key, scope["session"].session_key)
        return None, _nobody


async def _nobody() -> User | None:
    return None


def _active_user(user_id: UUID | None) -> User | None:
    return User.objects.filter(pk=user_id, is_active=True).first() if user_id else None


async def _nowhere(_scope: dict[str, Any], _receive: Any, send: Any) -> None:
    await send({"type": "websocket.close", "code": 4404})


websocket = CookieMiddleware(
    SessionMiddleware(
        WorkspaceSocket(SignIn(URLRouter([path("ws/", LiveConsumer.as_asgi()), re_path("", _nowhere)])))  # type: ignore[arg-type]
    )
)
