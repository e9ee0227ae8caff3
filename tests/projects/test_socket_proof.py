"""A socket lasts as long as what opened it: asked again while it is open, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.projects.test_live import say
from tests.servers.live import LiveStack
from tests.servers.telling import told

PROOFS = """
from tenants import services
from tenants.access import Role, get_member
from tenants.context import enter
from tenants.proving.tokens import sign_in
from tests import cast
alice, acme = cast.person("alice"), cast.workspace("acme")
with enter(acme.schema_name):
    print(services.create_key(name="watcher", role=Role.VIEWER, by=get_member(alice, acme)).secret)
print(sign_in(alice).access)
"""
REVOKE_KEYS = "UPDATE t_acme.workspace_apikey SET revoked_at = now()"
END_SIGN_INS = "UPDATE tenants_signin SET revoked_at = now()"


@pytest.fixture
def proofs(live_stack: LiveStack) -> list[str]:
    """An API key and an access token of alice at Acme."""
    return told(live_stack, PROOFS).split()


def write(stack: LiveStack, statement: str) -> None:
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(statement)


def opened(stack: LiveStack, path: str, *proof: str) -> connect:
    return connect(f"{stack.ws_url}{path}", subprotocols=["bearer", *proof] if proof else None, open_timeout=120)  # type: ignore[list-item]


async def code_of_closing(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(socket.recv(), 120)
    return closed.value.rcvd.code if closed.value.rcvd else 0


async def watched(stack: LiveStack, proof: str, deed: Callable[[], None]) -> int:
    """Open, prove that it stays open over two checks, do the deed: how the socket was closed."""
    async with opened(stack, "/w/acme/ws/", proof) as socket:
        await asyncio.sleep(0.5)
        await say(socket, action="ping")
        assert '"pong"' in str(await asyncio.wait_for(socket.recv(), 120))
        await asyncio.to_thread(deed)
        return await code_of_closing(socket)


def test_a_revoked_key_loses_its_socket(live_stack: LiveStack, proofs: list[str]) -> None:
    assert asyncio.run(watched(live_stack, proofs[0], lambda: write(live_stack, REVOKE_KEYS))) == 4401


def test_an_ended_sign_in_loses_its_socket(live_stack: LiveStack, proofs: list[str]) -> None:
    assert asyncio.run(watched(live_stack, proofs[1], lambda: write(live_stack, END_SIGN_INS))) == 4401


def test_a_check_that_the_database_refuses_closes_the_socket(live_stack: LiveStack, proofs: list[str]) -> None:
    try:
        deed = "ALTER TABLE tenants_membership RENAME TO hidden"
        assert asyncio.run(watched(live_stack, proofs[1], lambda: write(live_stack, deed))) == 1013
    finally:
        write(live_stack, "ALTER TABLE hidden RENAME TO tenants_membership")


@pytest.mark.parametrize("path", ["/", "/w/acme/other/", "/w/acme/ws/more/"])
def test_where_no_socket_is(live_stack: LiveStack, path: str) -> None:
    async def knock() -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(live_stack, path):
                pass
        return refused.value.response.status_code

    assert asyncio.run(knock()) == 403


def test_a_name_that_no_workspace_can_have(live_stack: LiveStack) -> None:
    async def knock() -> int:
        async with opened(live_stack, "/w/a%00b/ws/") as socket:
            return await code_of_closing(socket)

    assert asyncio.run(knock()) == 4401
