"""The page Settings, Tools."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from agents.tools.house import TOOLS
from agents.tools.models import AllowedHost, McpServer
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.servers.mcp import McpServer as RealServer
from tests.site.markup import problems

PAGE = "/w/acme/settings/tools/"


@pytest.fixture(scope="module")
def tracker() -> Iterator[RealServer]:
    with RealServer() as server:
        yield server


def test_everybody_sees_what_tools_touch(client_of: ClientOf, victor: User, in_acme: Tenant) -> None:
    page = client_of(victor).get(PAGE).content.decode()
    assert problems(page) == []
    assert [name for name in TOOLS if f'mono">{name}<' not in page] == []
    assert "Sends requests to the hosts that this workspace allows" in page
    assert "Add an MCP server" not in page


def test_an_admin_adds_a_server_and_a_host(
    client_of: ClientOf, alice: User, in_acme: Tenant, tracker: RealServer, settings: Settings
) -> None:
    settings.EGRESS_LOCAL_HOSTS = [f"localhost:{tracker.port}"]
    client = client_of(alice)
    given = {"name": "tracker", "url": tracker.url("localhost"), "header": "Authorization", "secret": "s3cret"}
    assert client.post(f"{PAGE}servers/", given).headers["Location"] == PAGE
    host = {"host": "api.example.org", "methods": ["GET"], "header": "", "secret": ""}
    assert client.post(f"{PAGE}hosts/", host).headers["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert problems(page) == []
    assert "tracker offers 5 tools." in page
    assert "mcp:tracker/file_ticket" in page
    assert "api.example.org" in page
    assert "s3cret" not in page
    server = McpServer.objects.get()
    assert client.post(f"{PAGE}servers/{server.pk}/switch/").status_code == 302
    server.refresh_from_db()
    assert not server.is_on
    assert client.post(f"{PAGE}servers/{server.pk}/refresh/").status_code == 302
    assert client.post(f"{PAGE}servers/{server.pk}/remove/").status_code == 302
    assert client.post(f"{PAGE}hosts/{AllowedHost.objects.get().pk}/remove/").status_code == 302
    assert not McpServer.objects.exists()
    assert not AllowedHost.objects.exists()


def test_mistakes_stand_at_their_fields(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    client = client_of(alice)
    answer = client.post(f"{PAGE}servers/", {"name": "x", "url": "file:///etc/passwd"})
    assert answer.status_code == 422
    assert problems(answer.content.decode()) == []
    assert "Only http and https addresses can be reached." in answer.content.decode()
    answer = client.post(f"{PAGE}hosts/", {"host": "https://x", "methods": ["GET"]})
    assert answer.status_code == 422
    assert "Give a host name such as api.example.org" in answer.content.decode()
    assert not McpServer.objects.exists()


def test_a_viewer_changes_nothing(client_of: ClientOf, victor: User, in_acme: Tenant) -> None:
    client = client_of(victor)
    server = McpServer.objects.create(name="tracker", url="https://tracker.example/")
    assert client.post(f"{PAGE}servers/", {"name": "x", "url": "https://x.example/"}).status_code == 403
    assert client.post(f"{PAGE}hosts/", {"host": "x.example", "methods": ["GET"]}).status_code == 403
    for act in ("refresh", "switch", "remove"):
        assert client.post(f"{PAGE}servers/{server.pk}/{act}/").status_code == 403
    assert list(McpServer.objects.values_list("name", "is_on")) == [("tracker", True)]
    assert not AllowedHost.objects.exists()


def test_what_a_server_says_is_text(client_of: ClientOf, victor: User, in_acme: Tenant) -> None:
    tools = [{"name": "x", "description": "<script>alert(1)</script>", "parameters": {}, "reads_only": True}]
    McpServer.objects.create(name="tracker", url="https://tracker.example/", tools=tools)
    page = client_of(victor).get(PAGE).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
