"""What an admin may let the tools of a workspace reach."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.tools.models import AllowedHost, McpServer
from agents.tools.reading import server_of
from agents.tools.servers.address import Address, ServerFailed
from agents.tools.servers.offers import Kept, differences, keep
from agents.tools.servers.tools import MOST_BYTES, SECONDS
from agents.tools.web import METHODS
from tenants import audit
from tenants.access import Member, require_admin
from tenants.context import release_connection
from tenants.egress import EgressRefused, operators_policy
from tenants.egress.fetching import checked
from tenants.egress.urls import admit, parse
from tenants.errors import Conflict, FieldError, Invalid
from tenants.sealing import place_of, seal

MOST_HOSTS, MOST_SERVERS = 200, 50
LONGEST_SECRET = 4_000
HOST = re.compile(r"(\*\.)?(?=.{1,250}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
SERVER = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")
Sealed = TypeVar("Sealed", AllowedHost, McpServer)


@transaction.atomic
def allow_host(*, host: str, methods: Collection[str], by: Member, header: str = "", secret: str = "") -> AllowedHost:
    """Let `http_request` ask a host, with a credential where one is given."""
    require_admin(by)
    name = host.strip().lower().rstrip(".")
    if not HOST.fullmatch(name):
        raise _refused(
            "host",
            "Give a host name such as api.example.org, or *.example.org for its subdomains; no https:// and no path.",
        )
    wanted = [method for method in METHODS if method in {each.upper() for each in methods}]
    if not wanted or len(wanted) != len(set(methods)):
        raise _refused("methods", f"Choose from {', '.join(METHODS)}.")
    if AllowedHost.objects.count() >= MOST_HOSTS:
        raise _refused("host", f"A workspace allows at most {MOST_HOSTS} hosts; remove one first.")
    row = _sealed(AllowedHost(host=name, methods=wanted), header, secret)
    _save(row, "host", f"“{name}” is allowed already; remove it first to change it.")
    audit.record("host.allowed", row, by=by, methods=wanted, with_secret=bool(secret))
    return row


@transaction.atomic
def remove_host(*, host: AllowedHost, by: Member) -> None:
    require_admin(by)
    audit.record("host.removed", host, by=by)
    host.delete()


@transaction.atomic
def add_server(
    *, name: str, by: Member, url: str = "", command: str = "", header: str = "", secret: str = ""
) -> McpServer:
    """Put an MCP server on the list, at an address or as one of the operator's commands. Its tools appear once it was looked at."""
    require_admin(by)
    name = name.strip().lower()
    if not SERVER.fullmatch(name):
        raise _refused("name", "A server is called by 1 to 30 small letters, digits and hyphens.")
    if bool(url) == bool(command):
        raise _refused("url", "Give either the address of the server or one of the operator's commands.")
    _check_place(url, command)
    if McpServer.objects.count() >= MOST_SERVERS:
        raise _refused("name", f"A workspace has at most {MOST_SERVERS} servers; remove one first.")
    row = _sealed(McpServer(name=name, url=url, command=command), header, secret)
    _save(row, "name", f"There is a server named “{name}” already.")
    audit.record("mcp_server.added", row, by=by, url=url, command=command, with_secret=bool(secret))
    return row


@transaction.atomic
def switch_server(*, server: McpServer, on: bool, by: Member) -> McpServer:
    """Give agents its tools, or take them away; runs that are under way keep what they began with."""
    require_admin(by)
    server.is_on = on
    server.save(update_fields=["is_on", "updated_at"])
    audit.record("mcp_server.on" if on else "mcp_server.off", server, by=by)
    return server


@transaction.atomic
def remove_server(*, server: McpServer, by: Member) -> None:
    require_admin(by)
    audit.record("mcp_server.removed", server, by=by)
    server.delete()


def refresh_server(*, server: McpServer, by: Member) -> McpServer:
    """Ask the server what it offers and keep that; when it fails, the reason is kept beside what was known before."""
    require_admin(by)
    place = server_of(server)
    try:
        kept, problem = _offers_of(place.address) if not place.problem else Kept([], []), place.problem
    except ServerFailed as failure:
        kept, problem = Kept([], []), str(failure)
    return _keep(server, kept, problem, by)


def _offers_of(address: Address) -> Kept:
    from agents.tools.servers.client import discover  # noqa: PLC0415 - the library takes half a second to import

    release_connection()
    return keep(asyncio.run(discover(address, operators_policy(seconds=SECONDS, most_bytes=MOST_BYTES))))


@transaction.atomic
def _keep(server: McpServer, kept: Kept, problem: str, by: Member) -> McpServer:
    server = McpServer.objects.select_for_update().get(pk=server.pk)
    server.problem, server.looked_at = problem, timezone.now()
    if not problem:
        changes = differences(server.tools, kept.tools)
        server.tools, server.notes = kept.tools, kept.notes
        audit.record("mcp_server.looked_at", server, by=by, **changes)
    server.save()
    return server


def _check_place(url: str, command: str) -> None:
    if command and command not in settings.MCP_STDIO:
        known = ", ".join(sorted(settings.MCP_STDIO))
        raise _refused(
            "command",
            f"The operator offers no command “{command[:60]}”. {f'There are: {known}.' if known else 'There is none.'}",
        )
    if not url:
        return
    try:
        admit(parse(url), operators_policy())
    except EgressRefused as refusal:
        raise _refused("url", refusal.detail) from refusal


def _sealed(row: Sealed, header: str, secret: str) -> Sealed:
    """The row with its secret closed, bound to this row; the id is known before it is saved."""
    if bool(header) != bool(secret):
        raise _refused(
            "secret" if header else "header",
            "A secret and the name of its header belong together, as in Authorization.",
        )
    if secret:
        try:
            checked({header: secret[:LONGEST_SECRET]})
        except EgressRefused as refusal:
            raise _refused("header", refusal.detail) from refusal
        if len(secret) > LONGEST_SECRET:
            raise _refused("secret", f"A secret has at most {LONGEST_SECRET:,} characters.")
        row.header = header
        row.sealed_secret = seal(secret, place=place_of(row._meta.db_table, row.pk, "sealed_secret"))
    return row


def _save(row: AllowedHost | McpServer, field: str, taken: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(taken, errors=[FieldError(field, "taken", taken)]) from None


def _refused(field: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field, "invalid", detail)])
