"""What an admin lets tools reach, through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.tools import services
from agents.tools.models import AllowedHost, McpServer
from agents.tools.reading import available_tools, read_workplace
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API, fields, sending_json
from tests.conftest import ApiOf
from tests.servers.mcp import McpServer as RealServer

HOSTS, SERVERS = f"{API}tools/hosts/", f"{API}tools/servers/"


@pytest.fixture(scope="module")
def tracker() -> Iterator[RealServer]:
    with RealServer() as server:
        yield server


@pytest.fixture
def within_reach(settings: Settings, tracker: RealServer) -> RealServer:
    settings.EGRESS_LOCAL_HOSTS = [f"localhost:{tracker.port}"]
    return tracker


@pytest.fixture
def victor_api(api_of: ApiOf, victor: User, acme: Tenant) -> APIClient:
    return sending_json(api_of(victor))


def raw(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return repr(cursor.fetchall())


def test_a_host_with_its_secret(api: APIClient, in_acme: Tenant) -> None:
    answer = api.post(
        HOSTS,
        {"host": "API.Example.org.", "methods": ["POST", "GET"], "header": "Authorization", "secret": "Bearer s3cret"},
    )
    assert answer.status_code == 201
    assert {name: answer.data[name] for name in ("host", "methods", "header", "has_secret")} == {
        "host": "api.example.org",
        "methods": ["GET", "POST"],
        "header": "Authorization",
        "has_secret": True,
    }
    assert "s3cret" not in str(answer.data) + str(api.get(HOSTS).data) + raw("tools_allowedhost")
    assert "s3cret" not in repr(list(AuditEntry.objects.values_list("detail", flat=True)))
    host = read_workplace(["http_request"]).hosts[0]
    assert (host.pattern, host.header, host.secret, host.problem) == (
        "api.example.org",
        "Authorization",
        "Bearer s3cret",
        "",
    )
    assert fields(api.post(HOSTS, {"host": "api.example.org"})) == [("host", "taken")]
    assert api.delete(f"{HOSTS}{answer.data['id']}/").status_code == 204
    assert not AllowedHost.objects.exists()
    assert list(
        AuditEntry.objects.filter(action__startswith="host.").order_by("created_at").values_list("action", flat=True)
    ) == [
        "host.allowed",
        "host.removed",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"host": "https://api.example.org/"}, "host"),
        ({"host": "api.example.org/path"}, "host"),
        ({"host": "*"}, "host"),
        ({"host": "*.*.org"}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "api.example.org", "methods": []}, "methods"),
        ({"host": "api.example.org", "header": "Authorization"}, "secret"),
        ({"host": "api.example.org", "secret": "x"}, "header"),
        ({"host": "api.example.org", "header": "Host", "secret": "x"}, "header"),
        ({"host": "api.example.org", "header": "X-Key", "secret": "a\r\nHost: inner"}, "header"),
    ],
)
def test_hosts_that_cannot_be(api: APIClient, in_acme: Tenant, given: dict[str, Any], field: str) -> None:
    answer = api.post(HOSTS, given)
    assert answer.status_code == 400
    assert [each[0] for each in fields(answer)] == [field]
    assert not AllowedHost.objects.exists()


def test_a_secret_that_was_moved_does_not_open(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    one = services.allow_host(host="one.example", methods=["GET"], header="X-Key", secret="s3cret", by=alice_at_acme)
    two = services.allow_host(host="two.example", methods=["GET"], header="X-Key", secret="other", by=alice_at_acme)
    AllowedHost.objects.filter(pk=two.pk).update(sealed_secret=one.sealed_secret)
    host = next(each for each in read_workplace(["http_request"]).hosts if each.pattern == "two.example")
    assert host.secret == ""
    assert host.problem.startswith("The credential of two.example cannot be used")


def test_a_server_is_looked_at(api: APIClient, in_acme: Tenant, within_reach: RealServer) -> None:
    url = within_reach.url("localhost")
    made = api.post(SERVERS, {"name": "Tracker", "url": url, "header": "Authorization", "secret": "Bearer s3cret"})
    assert (made.status_code, made.data["name"], made.data["tools"]) == (201, "tracker", [])
    assert "mcp:tracker/add" not in available_tools()
    looked = api.post(f"{SERVERS}{made.data['id']}/refresh/").data
    assert (looked["problem"], [tool["name"] for tool in looked["tools"]]) == (
        "",
        ["add", "file_ticket", "slow", "huge", "broken"],
    )
    assert within_reach.headers[-1]["authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(looked) + raw("tools_mcpserver")
    told = {tool["name"]: tool for tool in api.get(f"{API}tools/").data["results"]}["mcp:tracker/add"]
    assert (told["permissions"], told["touches"], told["effect"]) == (
        ["mcp:tracker"],
        ["Uses the tools of the server “tracker”"],
        "read",
    )
    entry = AuditEntry.objects.get(action="mcp_server.looked_at")
    assert entry.detail == {"added": ["add", "broken", "file_ticket", "huge", "slow"], "removed": [], "changed": []}
    off = api.patch(f"{SERVERS}{made.data['id']}/", {"is_on": False})
    assert off.data["is_on"] is False
    assert "mcp:tracker/add" not in available_tools()
    assert api.delete(f"{SERVERS}{made.data['id']}/").status_code == 204


def test_an_agent_may_be_given_its_tools(
    api: APIClient, in_acme: Tenant, alice_at_acme: Member, within_reach: RealServer
) -> None:
    fields_ = {"name": "one", "role": "r", "goal": "g", "tools": ["mcp:tracker/add"]}
    assert api.post(f"{API}agents/", fields_).status_code == 400
    server = services.add_server(name="tracker", url=within_reach.url("localhost"), by=alice_at_acme)
    services.refresh_server(server=server, by=alice_at_acme)
    assert api.post(f"{API}agents/", fields_).status_code == 201


def test_a_server_that_is_away_keeps_what_was_known(
    in_acme: Tenant, alice_at_acme: Member, within_reach: RealServer
) -> None:
    server = services.add_server(name="tracker", url=within_reach.url("localhost"), by=alice_at_acme)
    services.refresh_server(server=server, by=alice_at_acme)
    within_reach.status = 503
    try:
        looked = services.refresh_server(server=server, by=alice_at_acme)
    finally:
        within_reach.status = 0
    assert looked.problem == "tracker answered with status 503."
    assert len(looked.tools) == 5


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "a b", "url": "https://x.example/"}, "name"),
        ({"name": "x"}, "url"),
        ({"name": "x", "url": "https://x.example/", "command": "y"}, "url"),
        ({"name": "x", "url": "file:///etc/passwd"}, "url"),
        ({"name": "x", "url": "http://user:pw@x.example/"}, "url"),
        ({"name": "x", "url": "http://x.example:22/"}, "url"),
        ({"name": "x", "command": "sh"}, "command"),
    ],
)
def test_servers_that_cannot_be(api: APIClient, in_acme: Tenant, given: dict[str, Any], field: str) -> None:
    answer = api.post(SERVERS, given)
    assert answer.status_code == 400
    assert fields(answer)[0][0] == field
    assert not McpServer.objects.exists()


def test_an_inner_address_is_refused_when_it_is_looked_at(
    in_acme: Tenant, alice_at_acme: Member, tracker: RealServer, settings: Settings
) -> None:
    settings.EGRESS_PORTS = [tracker.port]
    server = services.add_server(name="tracker", url=tracker.url("localhost"), by=alice_at_acme)
    before = len(tracker.headers)
    looked = services.refresh_server(server=server, by=alice_at_acme)
    assert (
        looked.problem == "tracker cannot be reached. “localhost” has no public address that can be reached from here."
    )
    assert len(tracker.headers) == before


def test_a_command_only_as_the_operator_named_it(in_acme: Tenant, alice_at_acme: Member, settings: Settings) -> None:
    settings.MCP_STDIO = {"files": ["/bin/false"]}
    server = services.add_server(name="files", command="files", by=alice_at_acme)
    assert services.refresh_server(server=server, by=alice_at_acme).problem.startswith("files ")
    settings.MCP_STDIO = {}
    assert (
        services.refresh_server(server=server, by=alice_at_acme).problem
        == "The operator no longer offers the command files."
    )


@pytest.mark.parametrize("address", [HOSTS, SERVERS])
def test_only_admins(victor_api: APIClient, in_acme: Tenant, address: str) -> None:
    assert victor_api.get(address).status_code == 403
    assert victor_api.post(address, {"host": "x.example", "name": "x", "url": "https://x.example/"}).status_code in {
        400,
        403,
    }
    assert victor_api.post(HOSTS, {"host": "x.example"}).status_code == 403
    assert not AllowedHost.objects.exists()
    assert not McpServer.objects.exists()
